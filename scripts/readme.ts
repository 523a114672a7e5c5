/**
 * The README shows what commands print: a fenced block after a comment `<!-- understudy ARGUMENTS -->` is the real output of that
 * command. `npm run readme` writes the blocks anew; `scripts/readme.test.ts` fails where one differs.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve, sep } from "node:path"

const root = resolve(import.meta.dirname, "..")
export const readme = join(root, "README.md")

const block = /(<!-- understudy (.+?) -->\n\n?```text\n)([\s\S]*?)(```)/g

/** What a command prints on stdout in an empty folder, which is named by nothing; trailing spaces are left out. */
const outputOf = (command: string): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-readme-")))
  try {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join(root, "bin/understudy.js"), ...command.split(" ")],
      { cwd: folder, encoding: "utf8", maxBuffer: 1e8 }
    )
    if (status !== 0) throw new Error(`understudy ${command}: ${stderr}`)
    return stdout.replaceAll(folder + sep, "").replaceAll(/[ \t]+$/gm, "")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The blocks of a README: the command of each, and what stands there as its output. */
export const blocksOf = (text: string): ReadonlyArray<{ readonly command: string; readonly output: string }> =>
  [...text.matchAll(block)].map(([, , command, output]) => ({ command: command!, output: output! }))

/** The README with every block's real output. */
export const written = (text: string): string =>
  text.replaceAll(block, (_, head: string, command: string, __, end: string) => head + outputOf(command) + end)

if (import.meta.main) {
  const text = readFileSync(readme, "utf8")
  const real = written(text)
  if (process.argv.includes("--write")) writeFileSync(readme, real)
  else if (real !== text) {
    console.error("README.md shows other output than the commands print. npm run readme writes it anew.")
    process.exitCode = 1
  }
}
