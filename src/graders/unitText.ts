import { withPowers } from "./numberPlain.ts"

const codes: Readonly<Record<string, string>> = {
  us: "USD",
  american: "USD",
  australian: "AUD",
  canadian: "CAD",
  "new zealand": "NZD",
  "hong kong": "HKD",
  singapore: "SGD",
  "pounds sterling": "GBP",
  "pound sterling": "GBP",
  "british pounds": "GBP",
  "british pound": "GBP",
  "swiss francs": "CHF",
  "swiss franc": "CHF"
}
const named =
  /\s?\b(?:(U\.?S\.?|American|Australian|Canadian|New\s+Zealand|Hong\s+Kong|Singapore)\s+dollars?|(pounds?\s+sterling|british\s+pounds?|swiss\s+francs?))\b/giu

/** Letters before a sign make it another money: `A$5` is no `$5`. */
const prefixed = /(?<![\p{L}\p{N}])(\p{Lu}\p{L}{0,2})([$¥£])\s?(?=-?[\d.])/gu
const prefixes: Readonly<Record<string, string>> = {
  US$: "USD",
  A$: "AUD",
  AU$: "AUD",
  C$: "CAD",
  CA$: "CAD",
  NZ$: "NZD",
  HK$: "HKD",
  S$: "SGD",
  SG$: "SGD",
  R$: "BRL",
  MX$: "MXN",
  Mex$: "MXN",
  NT$: "TWD",
  "CN¥": "CNY",
  "JP¥": "JPY",
  "GB£": "GBP"
}

/** `5"` and `5″` are inches where the sign closes no quotation of its line. */
const withInches = (text: string): string =>
  text
    .replace(/(?<=\d)\s?″/g, " inches")
    .split("\n")
    .map((line) => {
      let isOpen = false
      return line.replace(/"/g, (sign, at: number) => {
        if (!isOpen && /\d/.test(line.charAt(at - 1))) return " inches"
        isOpen = !isOpen
        return sign
      })
    })
    .join("\n")

const wrapped = /\\(?:text(?:bf|it|rm)?|math(?:rm|bf|it)|mbox|operatorname|boxed)\s?\{([^{}]*)\}/g
/** Of nested commands, the inner ones first. */
const unwrapped = (text: string, levels = 8): string => {
  const inner = text.replace(wrapped, "$1")
  return inner === text || levels === 0 ? text : unwrapped(inner, levels - 1)
}

/** Without LaTeX's marks. Dollars are some of them where they enclose a command with braces: `$5\text{ km}$`. */
const withoutLatex = (text: string): string =>
  unwrapped(text.replace(/(?<!\\)\${1,2}([^$\n]{0,200}\\[a-z]+\{[^$\n]{0,200})(?<!\\)\${1,2}/g, "$1"))
    .replace(/\\[()[\]]/g, "")
    .replace(/\\([%$])/g, "$1")
    .replace(/\\[,;:! ]|(?<=\d)~(?=\p{L})/gu, " ")
    .replace(/\^\{?\s?\\circ\s?\}?\s?/g, "°")

/** Without Markdown's marks. What multiplies stays apart: `3*4` are two numbers. */
const withoutMarkdown = (text: string): string =>
  text
    .replace(/(?<=\p{L})\*(?=\p{L})/gu, "·")
    .replace(/(?<=\d)[*`]+(?=[-\d.]*\d)/g, " × ")
    .replace(/[*`]+/g, "")
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, "")

const shapes: Readonly<Record<string, string>> = { sq: "²", cu: "³" }

/** A text whose units are written in one way: `square metres` as `metres²`, `m^2` as `m²`, `km per hour` as `km/hour`. */
export const tidy = (text: string): string =>
  withoutMarkdown(withoutLatex(withInches(withPowers(text))))
    .replace(
      named,
      (_, dollars: string | undefined, other = "") =>
        ` ${codes[(dollars ?? other).toLowerCase().replaceAll(".", "").replace(/\s+/g, " ")] ?? ""}`
    )
    .replace(prefixed, (_, name: string, sign: string) => `${prefixes[`${name}${sign}`] ?? `${name}${sign}`} `)
    .replace(/\bRs\.(?=\s?\d)/g, "Rs")
    .replace(/[^\S\n]{2,}/g, " ")
    .replace(/(?<=[°%²³\p{L}])\^\{?([23])\}?/gu, (_, power: string) => (power === "2" ? "²" : "³"))
    .replace(/(?<=\d\s?)([cdkm]?m|ft|yd|mi)([23])(?![\p{L}\p{N}])/gu, (_, name: string, power: string) => {
      return `${name}${power === "2" ? "²" : "³"}`
    })
    .replace(/(?<=\p{L}[²³]?\s?[/·]\s?)(\p{L}+)([23])(?![\p{L}\p{N}])/gu, (_, name: string, power: string) => {
      return `${name}${power === "2" ? "²" : "³"}`
    })
    .replace(/\b(sq|cu)(?:uare|bic|\.)?\s(\p{L}+)/giu, (_, shape: string, name: string) => {
      return `${name}${shapes[shape.toLowerCase()] ?? ""}`
    })
    .replace(/\s?(?:°|\bdegrees?)\s?([CF]|[Cc]elsius|[Ff]ahrenheit)(?!\p{L})/gu, (_, name: string) => {
      return ` °${name.charAt(0).toUpperCase()}`
    })
    .replace(/(?<=\d)\s?([CF])(?![\p{L}\p{N}$/+#&'’-])/gu, " °$1")
    .replace(/(?<=\d\s?)in(?=\s*(?:$|\n|[.,;:)\]"]))/g, "inches")
    .replace(/(?<=watt)[-\s](?=hours?\b)/gi, "")
    .replace(/(?<=[°%²³\p{L}])\s+per\s+(?=\p{L})/gu, "/")
    .replace(/(?<=[°%²³\p{L}])\s\/\s(?=\p{L})/gu, "/")
