import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"

import manifest from "../package.json" with { type: "json" }
import { answer } from "./cli/answer.ts"
import { answersCommand } from "./cli/answers.ts"
import { archiveCommand } from "./cli/archive.ts"
import { climbCommand } from "./cli/climb.ts"
import { ctlCommand } from "./cli/ctl.ts"
import { demoCommand } from "./cli/demo.ts"
import { doctorCommand } from "./cli/doctor.ts"
import { isOver } from "./cli/ending.ts"
import { fleetCommand } from "./cli/fleet.ts"
import { importCommand } from "./cli/import.ts"
import { initCommand } from "./cli/init.ts"
import { labelCommand } from "./cli/label.ts"
import { replayCommand } from "./cli/replay.ts"
import { reportCommand } from "./cli/report.ts"
import { root } from "./cli/root.ts"
import { showCommand } from "./cli/show.ts"
import { Fault } from "./domain/Fault.ts"
import { checkFolder } from "./runs/folder.ts"
import { spans } from "./telemetry/spans.ts"

/** The stores of a home, loaded when a command runs: `--help` must not load the database. */
const stores = (home: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      yield* checkFolder("--home", home)
      const room = yield* Effect.promise(() => import("./store/stores.ts"))
      return room.shelves(home)
    })
  )

const json = process.argv.includes("--json")

/** Wrong words on the command line: help on stderr, or with `--json` one document on stdout. */
const usage = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const message = event.errors.map((error) => error.message).join("; ")
    return json
      ? Console.log(
          JSON.stringify({
            error: { kind: "usage", message, mend: `See ${event.commandPath.join(" ")} --help` }
          })
        )
      : Console.error(`${message}\nSee ${event.commandPath.join(" ")} --help`)
  }
})
/** A second Ctrl-C does not wait for what the first one ends. The launcher and npm pass on what the terminal sent already: that is the same one. */
const sameCtrlC = 100
process.once("SIGINT", () => {
  const first = performance.now()
  process.on("SIGINT", () => {
    if (performance.now() - first > sameCtrlC) process.exit(130)
  })
})
/** A terminal that is closed ends a run as SIGTERM does: exit code 130. */
process.on("SIGHUP", () => process.kill(process.pid, "SIGTERM"))

const badUsage = { [Runtime.errorExitCode]: 2 } // Effect says 1, which is our "internal error"

root.pipe(
  Command.withSubcommands([
    importCommand,
    archiveCommand,
    replayCommand,
    climbCommand,
    ctlCommand,
    showCommand,
    labelCommand,
    answersCommand,
    reportCommand,
    initCommand,
    doctorCommand,
    fleetCommand,
    demoCommand
  ]),
  Command.provide(({ home }) => stores(home)),
  Command.provide(Layer.succeed(Logger.LogToStderr, true)),
  Command.run({ version: manifest.version }),
  Effect.mapError((error) =>
    CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length > 0
      ? Object.assign(error, badUsage)
      : error
  ),
  Effect.catchIf(
    (error) => error instanceof Fault, // a home that cannot be used: the stores are made before the command runs
    (fault) => answer(json, Effect.fail(fault))
  ),
  Effect.provide(usage),
  Effect.provide(NodeServices.layer),
  Effect.provide(spans(manifest.version, (sentence) => console.error(sentence))),
  NodeRuntime.runMain({
    teardown: (exit, onExit) =>
      Runtime.defaultTeardown(exit, (code) => {
        if (isOver()) process.exit(code) // else a timer of a suite's or a plug-in's would keep it going
        onExit(code)
      })
  })
)
