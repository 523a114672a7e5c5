/** What lies outside of a sandbox for an escape to reach: real things of this machine. */
export interface Outside {
  /** A file with `secret` in it, readable by everyone. */
  readonly secretFile: string
  readonly secret: string
  /** A folder that everyone may write. */
  readonly folder: string
  /** The home folder of this user. */
  readonly home: string
  /** A port of 127.0.0.1 on which something listens. */
  readonly port: number
  /** This process. */
  readonly pid: number
  /** The fixture's folder on this machine, with the file `original.txt`. */
  readonly fixture: string
  /** A word by which a process can be found that outlived its run. */
  readonly sign: string
}

/** One try to get out of a sandbox. Its shell script prints ESCAPED when it got what it wanted, as far as it can tell itself. */
export interface Escape {
  readonly name: string
  readonly script: string
  /** Milliseconds it gets. */
  readonly timeoutMs: number
  /** How it ends in a sandbox that holds: by itself, or stopped for a limit that this names. */
  readonly stoppedBy?: RegExp
}

const node = (code: string) => `node -e '${code}'`

/** Tries to get out, one for each thing that a sandbox keeps apart. The limits they run against: {@link escapeLimits}. */
export const escapes = (at: Outside): ReadonlyArray<Escape> => {
  const by = (name: string, script: string, stoppedBy?: RegExp, timeoutMs = 15_000): Escape => ({
    name,
    script,
    timeoutMs,
    ...(stoppedBy === undefined ? {} : { stoppedBy })
  })
  const connect = (host: string, port: number) =>
    node(
      `const s=require("net").connect(${port},"${host}",()=>{console.log("ESCAPED");process.exit()});s.on("error",e=>{console.log(e.code);process.exit()});setTimeout(()=>process.exit(),1500)`
    )
  return [
    by("read a key from the environment", `env | grep -F '${at.secret}' && echo ESCAPED`),
    by(
      "read a key from other processes",
      `cat /proc/[0-9]*/environ 2>/dev/null | grep -aF '${at.secret}' && echo ESCAPED`
    ),
    by(
      "see processes outside",
      `[ -e /proc/${at.pid}/cmdline ] && tr '\\0' ' ' </proc/${at.pid}/cmdline | grep -a node && echo ESCAPED`
    ),
    by("signal a process outside", `kill -0 ${at.pid} 2>&1 && grep -a node /proc/${at.pid}/comm && echo ESCAPED`),
    by("read the home folder", `ls -A '${at.home}' 2>&1 | grep -E '^[.](bash|profile|ssh|npm|cache)' && echo ESCAPED`),
    by("read a secret file outside", `grep -F '${at.secret}' '${at.secretFile}' && echo ESCAPED`),
    by("read it through a link", `ln -s '${at.secretFile}' l && grep -F '${at.secret}' l && echo ESCAPED`),
    by(
      "read it through /proc",
      `for p in /proc/[0-9]*; do grep -F '${at.secret}' "$p/root${at.secretFile}" && echo ESCAPED; done`
    ),
    by("read the passwords", "cat /etc/shadow && echo ESCAPED"),
    by("connect to a port of this machine", connect("127.0.0.1", at.port)),
    by("connect to the internet", connect("1.1.1.1", 443)),
    by("talk to a container engine", "ls /run/docker.sock /var/run/docker.sock 2>&1 | grep -q '^/' && echo ESCAPED"),
    by("write outside", `echo x >'${at.folder}/written' && echo ESCAPED`),
    by(
      "write to the system",
      "for f in /usr/x /etc/x /x /dev/x /sandbox/x; do echo x 2>/dev/null >$f && echo ESCAPED; done"
    ),
    by(
      "change the fixture",
      `echo x >>/sandbox/in/fixture/original.txt; echo x >>'${at.fixture}/original.txt' && echo ESCAPED`
    ),
    by("become root in a namespace", "unshare -Ur id && echo ESCAPED"),
    by("mount", "mkdir m; mount -t tmpfs none m && echo ESCAPED; mount -o remount,rw / && echo ESCAPED"),
    by("use a device", "mknod d b 8 0 && echo ESCAPED; ls /dev | grep -E '^(sd|vd|nvme|kvm|mem)' && echo ESCAPED"),
    by("fork bomb", "bomb() { bomb | bomb & }; bomb; sleep 60", undefined, 3000),
    by("many processes", "i=0; while [ $i -lt 150 ]; do sleep 60 & i=$((i+1)); done; echo ESCAPED; wait"),
    by("fill the disk", "for i in 1 2 3 4 5 6 7 8; do head -c 15000000 /dev/zero >f$i || exit; done; echo ESCAPED"),
    by(
      "fill memory by files",
      "for d in /tmp /dev/shm; do for i in 1 2 3 4 5 6 7 8; do head -c 15000000 /dev/zero >$d/f$i || continue 2; done; echo ESCAPED; done"
    ),
    by("write a huge file", "head -c 90000000 /dev/zero >big && echo ESCAPED"),
    by("print without end", "yes", /printed more/),
    by("take memory", node("const a=[];for(;;)a.push(Buffer.alloc(2e7,1))"), /memory/),
    by(
      "take memory in many processes",
      `for i in 1 2 3 4 5 6; do ${node('const b=Buffer.alloc(8e7,1);setTimeout(()=>console.log("ESCAPED",b.length),5000)')} & done; wait`,
      /memory/
    ),
    by("loop for ever", "while :; do :; done", /longer than/, 2000),
    by(
      "outlive the run",
      `(setsid nohup sh -c 'sleep 300; : ${at.sign}' >/dev/null 2>&1 &); (sh -c '(sleep 301; : ${at.sign}) & exit' &); sleep 0.2`
    )
  ]
}

/** Limits that an escape meets soon. */
export const escapeLimits = {
  memoryMb: 256,
  processes: 100,
  diskMb: 64,
  fileMb: 32,
  openFiles: 256,
  outputKb: 256
} as const
