import { inside, type Shown } from "./bubblewrap.ts"
import type { Limits } from "./contract.ts"

/** The arguments of a container runtime (docker, podman) for one run of `sh`, which reads its script from standard input. */
export const containerArgv = (
  image: string,
  name: string,
  limits: Limits,
  shown: ReadonlyArray<Shown>
): ReadonlyArray<string> => [
  "run",
  "--rm",
  "--interactive",
  "--pull",
  "never",
  "--name",
  name,
  "--network",
  "none",
  "--read-only",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges",
  "--user",
  "65534:65534",
  "--memory",
  `${limits.memoryMb}m`,
  "--memory-swap",
  `${limits.memoryMb}m`,
  "--pids-limit",
  String(limits.processes),
  "--init",
  ...[inside.work, inside.temporary].flatMap((at) => [
    "--tmpfs",
    `${at}:rw,exec,nosuid,nodev,mode=1777,size=${limits.diskMb}m`
  ]),
  ...shown.flatMap(({ at, from }) => ["--mount", `type=bind,source=${from},target=${at},readonly`]),
  "--workdir",
  inside.work,
  "--entrypoint",
  "sh",
  image
]
