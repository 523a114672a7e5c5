/** What the environment says of proxies; left out or empty: nothing. */
export interface ProxyVariables {
  /** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, or their lower-case names. */
  readonly http?: string | undefined
  readonly https?: string | undefined
  readonly no?: string | undefined
}

const loopback = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

const ipv4 = (text: string): number | undefined => {
  const parts = text.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256))
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined
  return parts.reduce((all, part) => all * 256 + part, 0)
}

/** True where `network` is `a.b.c.d/bits` and the address lies in it. */
const inNetwork = (host: string, network: string): boolean => {
  const [base = "", bits = ""] = network.split("/")
  const [at, from] = [ipv4(host), ipv4(base)]
  if (at === undefined || from === undefined || !/^\d{1,2}$/.test(bits)) return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(at / size) === Math.floor(from / size)
}

const covers = (entry: string, host: string, port: string): boolean => {
  if (entry === "*") return true
  if (entry.includes("/")) return inNetwork(host, entry)
  const [, name = entry, only] = /^(.*?):(\d+)$/.exec(entry) ?? []
  if (only !== undefined && only !== port) return false
  const bare = name.replace(/^\*?\./, "")
  return host === bare || host.endsWith(`.${bare}`)
}

/**
 * The proxy of an address: `https` for https addresses, `http` for the others, none for this machine and for the hosts of `no` (names with
 * all below them, `host:port`, IPv4 networks such as `10.0.0.0/8`, or `*`). One without a scheme is taken over http.
 */
export const proxyFor = (address: string, { http, https, no = "" }: ProxyVariables): string | undefined => {
  const url = URL.parse(address)
  if (url === null || loopback.test(url.hostname)) return undefined
  const proxy = url.protocol === "https:" ? https : http
  if (proxy === undefined || proxy.trim() === "") return undefined
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port
  const entries = no.toLowerCase().split(/[\s,]+/)
  if (entries.some((entry) => entry !== "" && covers(entry, url.hostname, port))) return undefined
  return proxy.includes("://") ? proxy.trim() : `http://${proxy.trim()}`
}
