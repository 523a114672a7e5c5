import type { Job, Places } from "./contract.ts"

/** A word of a shell command, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Ends with a fault that names a command where it is not to be found; a file of the answer may come later, so one inside `work` is not looked for. */
const wanted = (program: string, whose: string, work: string): ReadonlyArray<string> => {
  const why = (what: string) =>
    `{ say ${quoted(`fault ${whose} ${JSON.stringify(program)} could not be started: ${what}`)}; exit 1; }`
  if (!program.includes("/"))
    return [`command -v ${quoted(program)} >/dev/null 2>&1 || ${why("it is in no folder of the PATH")}`]
  if (!program.startsWith("/") || program.startsWith(`${work}/`)) return []
  return [
    `[ -e ${quoted(program)} ] || ${why("there is no such file")}`,
    `[ -x ${quoted(program)} ] || ${why("it may not be executed")}`
  ]
}

/** What the script itself calls beside the shell's own commands. */
const toolsOf = (job: Job, at: Places): ReadonlyArray<string> => {
  const keeps = at.patches.length > 0 && (job.keep ?? []).length > 0
  return [
    ...(job.fixture !== undefined || job.files !== undefined || keeps ? ["cp"] : []),
    ...(at.links.length > 0 || keeps ? ["mkdir", "dirname"] : []),
    ...(at.links.length > 0 ? ["ln"] : []),
    ...(keeps ? ["rm"] : []),
    ...(job.report === undefined ? [] : ["head"])
  ]
}

const line = (argv: ReadonlyArray<string>) => argv.map(quoted).join(" ")

/**
 * The shell script that one run is: limits, fresh copy, setup, the answer's files and patches, the command, its report. It tells its stages in lines that
 * begin with `mark`, and ends with the command's exit code. It is given to `sh` on standard input, for arguments can be read by what it runs.
 */
export const scriptOf = (job: Job, at: Places, path: string, mark: string): string => {
  const { limits } = job
  const [program = ""] = job.argv
  const env = { ...job.env, PATH: path, HOME: at.work, TMPDIR: at.temporary, LANG: "C.UTF-8", NO_COLOR: "1" }
  const fault = (why: string) => `{ say "fault ${why}"; exit 1; }`
  const refused = (why: string) => `{ say "refused ${why}"; exit 1; }`
  const patched = at.patches.map((patch, i) => {
    const file = quoted(patch)
    return `if command -v git >/dev/null 2>&1; then git apply --whitespace=nowarn ${file} 2>&1; else patch -p1 -N -s <${file} 2>&1; fi || ${refused(`patch ${i + 1} does not apply`)}`
  })
  // However a patch names what is not to be changed: it is as it was when the command begins. There was room before the patches: what is in the way then is theirs.
  const kept = (job.keep ?? []).map((path, i) => {
    const [place, safe] = [quoted(path), quoted(`${at.temporary}/kept.${i}`)]
    return {
      aside: `if [ -e ${place} ]; then cp -R ${place} ${safe} || ${fault("there is no room for what is kept")}; fi`,
      back: `rm -rf ${place}; if [ -e ${safe} ]; then mkdir -p "$(dirname ${place})" && cp -R ${safe} ${place} && rm -rf ${safe}; fi 2>&1 || ${refused("after its patches what is not to be changed cannot be put back")}`
    }
  })
  return [
    `say() { printf '\\n%s %s\\n' ${quoted(mark)} "$1"; }`,
    "main() {",
    "umask 022",
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `ulimit -c 0; ulimit -f ${limits.fileMb * 2048}; ulimit -n ${limits.openFiles}`,
    // A bound on one process that holds between two looks at the tree. Node reserves much that it does not use. Where memory is short, these go first.
    `ulimit -d ${(limits.memoryMb + 4096) * 1024} 2>/dev/null`,
    "echo 1000 2>/dev/null >/proc/self/oom_score_adj",
    // Its name is -u in bash and -p in dash. Outside of a sandbox it would count all processes of the user.
    ...(at.ownUser ? [`ulimit -u ${limits.processes} 2>/dev/null || ulimit -p ${limits.processes} 2>/dev/null`] : []),
    `cd ${quoted(at.work)} || ${fault("the working folder is not there")}`,
    ...toolsOf(job, at).flatMap((tool) => wanted(tool, "the command", at.work)),
    ...(at.patches.length === 0
      ? []
      : [
          `command -v git >/dev/null 2>&1 || command -v patch >/dev/null 2>&1 || ${fault("patches cannot be applied: neither git nor patch is in a folder of the PATH")}`
        ]),
    ...(job.fixture === undefined
      ? []
      : [
          `cp -R ${quoted(`${at.fixture}/.`)} . 2>&1 || ${fault("the fixture cannot be copied: it is not readable, or larger than limits.diskMb")}`
        ]),
    ...at.links.map(
      ({ at: place, from }) => `mkdir -p "$(dirname ${quoted(place)})" && ln -s ${quoted(from)} ${quoted(place)}`
    ),
    ...wanted(program, "the command", at.work),
    ...(job.setup === undefined
      ? []
      : [
          ...wanted(job.setup[0] ?? "", "its setup's command", at.work),
          `${line(job.setup)} </dev/null 2>&1 || ${fault("its setup ended with code $?")}`
        ]),
    ...(at.patches.length === 0 ? [] : kept.map(({ aside }) => aside)),
    ...(job.files === undefined
      ? []
      : [`cp -R ${quoted(`${at.files}/.`)} . 2>&1 || ${refused("its files cannot be written over the fixture's")}`]),
    ...patched,
    ...(at.patches.length === 0 ? [] : kept.map(({ back }) => back)),
    "say ready",
    `${line(job.argv)} </dev/null 2>&1`,
    "code=$?",
    "say report",
    ...(job.report === undefined
      ? []
      : [`[ -f ${quoted(job.report)} ] && head -c ${limits.outputKb * 1024} ${quoted(job.report)}`]),
    "exit $code",
    "}",
    "main"
  ].join("\n")
}

/** What a run printed, by stage. */
export interface Told {
  readonly ready: boolean
  readonly fault?: string
  readonly refused?: string
  readonly output: string
  readonly report: string
}

/** Reads what a script's run printed. */
export const toldIn = (printed: string, mark: string): Told => {
  const parts = printed.split(`\n${mark} `)
  const stages = parts.slice(1).map((part) => {
    const end = part.indexOf("\n")
    return { name: part.slice(0, end < 0 ? undefined : end), text: end < 0 ? "" : part.slice(end + 1) }
  })
  const among = (some: typeof stages, word: string) =>
    some.find(({ name }) => name === word || name.startsWith(`${word} `))
  const begun = stages.findIndex(({ name }) => name === "ready")
  // What comes after it may be the command's own words: it can read the mark out of the shell's memory.
  const before = begun < 0 ? stages : stages.slice(0, begun)
  const ready = stages[begun]
  const fault = among(before, "fault")?.name.slice("fault ".length)
  const refused = among(before, "refused")?.name.slice("refused ".length)
  return {
    ready: ready !== undefined,
    ...(fault === undefined ? {} : { fault }),
    ...(refused === undefined ? {} : { refused }),
    output: ready === undefined ? (parts[0] ?? "") : ready.text,
    report: among(stages, "report")?.text ?? ""
  }
}
