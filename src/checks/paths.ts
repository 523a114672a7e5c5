import * as Result from "effect/Result"

/** Bytes that a system takes for one part of a path, and for all of it inside a folder. */
const most = { part: 255, path: 1024 }
/** Characters of a path that a message holds. */
const shown = 80

const bytes = (text: string) => Buffer.byteLength(text)

/** A relative path in its shortest form; fails, as a sentence about it, where it leads out of the folder or is too long for a system. */
export const safePath = (path: string): Result.Result<string, string> => {
  const told = JSON.stringify(path.length > shown ? `${path.slice(0, shown)}…` : path)
  if (path.includes("\0") || /[\r\n]/.test(path)) return Result.fail(`the path ${told} is none`)
  if (/^[/\\~]|^[A-Za-z]:/.test(path))
    return Result.fail(`the path ${told} is absolute; right is one inside the folder`)
  const parts = path.split(/[/\\]/).filter((part) => part !== "" && part !== ".")
  if (parts.includes("..")) return Result.fail(`the path ${told} leads out of the folder`)
  if (parts.length === 0) return Result.fail(`the path ${told} names no file`)
  if (parts.some((part) => bytes(part) > most.part))
    return Result.fail(`the path ${told} has a part longer than ${most.part} bytes`)
  if (bytes(parts.join("/")) > most.path)
    return Result.fail(`the path ${told} is longer than ${most.path.toLocaleString("en")} bytes`)
  return Result.succeed(parts.join("/"))
}
