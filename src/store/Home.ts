import * as Context from "effect/Context"

/** The state folder (`--home`, default `.understudy`): the one place where anything is kept. */
export class Home extends Context.Service<
  Home,
  {
    /** Absolute path of the folder. */
    readonly root: string
    /** Absolute path of something in it. */
    path(...parts: ReadonlyArray<string>): string
  }
>()("understudy/store/Home") {}
