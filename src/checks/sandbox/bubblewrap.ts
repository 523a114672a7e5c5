import type { Limits } from "./contract.ts"

/** What of the machine a sandbox shows, found once; absolute paths. */
export interface Host {
  /** Folders at the root that are links to others (`/bin` to `usr/bin`), by their path. */
  readonly links: Readonly<Record<string, string>>
  /** System folders and files shown read-only at their own path. */
  readonly system: ReadonlyArray<string>
  /** Folders and files of the toolchain, shown read-only at their own path. */
  readonly tools: ReadonlyArray<string>
}

/** What is shown at which place, read-only. */
export interface Shown {
  readonly from: string
  readonly at: string
}

/** How bubblewrap separates. `dropped`: started by root, it gives the command a user of its own. `own`: it runs as the user who started it. */
export type Manner = { readonly kind: "dropped"; readonly uid: number } | { readonly kind: "own" }

/** Where a command works, inside. */
export const inside = {
  work: "/sandbox/work",
  fixture: "/sandbox/in/fixture",
  files: "/sandbox/in/files",
  temporary: "/tmp"
} as const

/** The folders that lead to a place, from the root down. Bubblewrap makes those it is not told of for its own user alone. */
const parents = (place: string): ReadonlyArray<string> => {
  const names = place.split("/").slice(1, -1)
  return names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`)
}

const mb = (n: number) => String(n * 2 ** 20)

/**
 * The arguments of bubblewrap for one run of `sh`, which reads its script from standard input: no network, a system that can be read only, nothing of
 * anybody's home, an empty environment, folders in memory of a limited size, and no user namespaces inside (in which more could be mounted).
 */
export const bubblewrapArgv = (
  host: Host,
  limits: Pick<Limits, "diskMb">,
  shown: ReadonlyArray<Shown>,
  manner: Manner
): ReadonlyArray<string> => {
  const readOnly = ({ at, from }: Shown) => [
    ...parents(at).flatMap((folder) => [
      "--perms",
      folder.startsWith(`${inside.work}/`) ? "0777" : "0755",
      "--dir",
      folder
    ]),
    "--ro-bind",
    from,
    at
  ]
  const tmpfs = (at: string, megabytes: number) => ["--perms", "1777", "--size", mb(megabytes), "--tmpfs", at]
  const apart =
    manner.kind === "dropped"
      ? ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
      : ["--unshare-all", "--unshare-user", "--disable-userns"]
  const asUser =
    manner.kind === "dropped"
      ? [
          "--cap-drop",
          "ALL",
          "--cap-add",
          "CAP_SETUID",
          "--cap-add",
          "CAP_SETGID",
          "--",
          "setpriv",
          "--reuid",
          String(manner.uid),
          "--regid",
          String(manner.uid),
          "--clear-groups",
          "--inh-caps=-all",
          "--no-new-privs",
          "bwrap",
          "--unshare-user",
          "--disable-userns",
          "--bind",
          "/",
          "/",
          "--dev-bind",
          "/dev",
          "/dev",
          "--",
          "sh"
        ]
      : ["--", "sh"]
  return [
    ...apart,
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--setenv",
    "PATH",
    "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    ...host.system.flatMap((path) => readOnly({ from: path, at: path })),
    ...Object.entries(host.links).flatMap(([path, to]) => ["--symlink", to, path]),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    ...tmpfs("/dev/shm", 16),
    "--remount-ro",
    "/dev",
    ...tmpfs(inside.temporary, limits.diskMb),
    // After it: they may lie under it.
    ...host.tools.flatMap((path) => readOnly({ from: path, at: path })),
    "--perms",
    "0755",
    "--dir",
    "/sandbox",
    ...tmpfs(inside.work, limits.diskMb),
    ...shown.flatMap(readOnly),
    "--remount-ro",
    "/",
    "--chdir",
    inside.work,
    ...asUser
  ]
}
