import { textIn } from "./json.ts"
import type { LabelSet } from "./labels.ts"

/** Accounts of machines and images: whoever works under one is not named by it. */
const shared = new Set(
  "admin,administrator,app,azureuser,build,circleci,coder,codespace,default,developer,dev,ec2-user,gitpod,jenkins,node,public,root,runner,shared,ubuntu,user,vscode,workspace".split(
    ","
  )
)

/** Who works in a folder, by the home it lies in (`/Users/NAME/…`, `/home/NAME/…`, `C:\Users\NAME\…`); `undefined` where that tells nobody. */
export const homeOwnerOf = (folder: string): string | undefined => {
  const name = /^(?:[A-Za-z]:)?[\\/](?:Users|home)[\\/]([^\\/]+)/.exec(folder)?.[1]
  return name === undefined || shared.has(name.toLowerCase()) ? undefined : name
}

/**
 * Labels a call by the folder an agent worked in: `cwd` whole, `project` its last part, and `engineer` the owner of the home it lies in,
 * with `engineer.basis` = `inferred`. Labels that are set already stay.
 */
export const addWorkplace = (labels: LabelSet, cwd: unknown): LabelSet => {
  const folder = textIn(cwd)
  if (folder === undefined) return labels
  const owner = homeOwnerOf(folder)
  labels.add("cwd", folder).add(
    "project",
    folder.split(/[\\/]/).findLast((part) => part !== "")
  )
  return owner === undefined ? labels : labels.add("engineer", owner).add("engineer.basis", "inferred")
}
