import { isIPv4, isIPv6 } from "node:net"

import type { Finding } from "./finding.ts"

/** Letters of an address: Latin ones with their accents, also where an accent is a character of its own. */
const letter = "A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f\\u0300-\\u036f"
const email = new RegExp(
  [
    `(?<![${letter}0-9._%+'-])(?<!:\\/\\/[^\\s/]{0,256})(?!git@)[${letter}0-9][${letter}0-9._%+'-]{0,63}@`,
    `(?:[${letter}0-9](?:[${letter}0-9-]{0,61}[${letter}0-9])?\\.){1,8}`,
    "(?!(?:png|jpe?g|gif|svg|webp|[cm]?jsx?|tsx?|css|json|html|pdf)(?![A-Za-z]))",
    `[A-Za-z]{2,24}(?![${letter}0-9-]|\\.[A-Za-z])`
  ].join(""),
  "g"
)

/**
 * International numbers with or without separators, those with 00 for the plus with one after the country or behind a word for a telephone: others
 * are numbers filled up with zeros. National ones only as they are written in North America, France and Britain, separators and all.
 */
const phone = new RegExp(
  [
    "(?<![\\w+.])\\+[1-9]\\d{0,2}[ ./-]?(?:\\(0?\\d{1,4}\\)[ ./-]?)?\\d(?:[ ./-]?\\d){5,12}(?![\\d-])",
    "(?<![\\w+./:-])00[1-9]\\d{0,2}[ ./-](?:\\(0?\\d{1,4}\\)[ ./-]?)?\\d(?:[ ./-]?\\d){5,12}(?![\\w-]|\\.\\d)",
    "(?<=(?:tele?|phone|fax|mobil|handy|call|whatsapp|number|nummer)\\D{0,12})(?<![\\w+./-])00[1-9]\\d{8,12}(?![\\w-]|\\.\\d)",
    "(?<![\\w+./-])(?:1[ .-])?(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[.-])[2-9]\\d{2}[.-]\\d{4}(?![\\w-])",
    "(?<![\\w+./-])0[1-9](?:[ .]\\d{2}){4}(?![\\w.-])",
    "(?<![\\w+./-])(?:\\(0\\d{2,4}\\) ?|0\\d{2,4} )\\d{3,4} \\d{3,4}(?![\\w-])"
  ].join("|"),
  "gi"
)

const card =
  /(?<![\w.+-])[2-6]\d{3}(?:(?<gap>[ -]?)\d{4}\k<gap>\d{4}\k<gap>\d{1,7}|(?<other>[ -])\d{6}\k<other>\d{4,5}|\d{9,12})(?![\w-]|\.\d)/g

/** The numbers that the card schemes have given out: how they begin and how long they are. */
const scheme =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|(?:6011|64[4-9]\d|65\d\d|62\d\d)\d{12,15}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|(?:50|5[6-8]|63|67)\d{14})$/

const isCard = (digits: string): boolean => {
  if (!scheme.test(digits)) return false
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at])
    const twice = digit * 2
    sum += at % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice
  }
  return sum % 10 === 0
}

const ipv4 = /(?<![\w.-])(?<!version )(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/gi
const ipv6 = /(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])/g

/** Addresses of nobody in particular: this machine, masks, what documents use, and the pseudonyms themselves. */
const ownerless = /^(?:0\.|127\.|169\.254\.|2(?:2[4-9]|[3-5]\d)\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/

const isAddress = (text: string): boolean => isIPv4(text) && !ownerless.test(text)
const isLongAddress = (text: string): boolean =>
  isIPv6(text) &&
  !/^(?:2001:0?db8|fe80)(?::|$)/i.test(text) &&
  text.split(":").filter((group) => group !== "").length >= 3 &&
  /\d/.test(text)

const digitsIn = (text: string) => text.replace(/\D/g, "")
const isPhone = (text: string): boolean => {
  const digits = digitsIn(text)
  return digits.length >= 7 && digits.length <= 15 && !/^(\d)\1+$/.test(digits)
}

const patterns = {
  email: [[email, (text: string) => !/@example\.invalid$/i.test(text)]],
  phone: [[phone, isPhone]],
  card: [[card, (text: string) => isCard(digitsIn(text))]],
  ip: [
    [ipv4, isAddress],
    [ipv6, isLongAddress]
  ]
} as const

/** What is found by its shape in any text. */
export type PersonalKind = keyof typeof patterns

export const isPersonal = (kind: string): kind is PersonalKind => Object.hasOwn(patterns, kind)

const hints: Readonly<Record<PersonalKind, RegExp>> = {
  email: /@/,
  phone: /\d{4}|\d{2}[ .]\d{2}/,
  card: /\d{4}/,
  ip: /\d\.\d|:[0-9A-Fa-f]{0,4}:/
}

/** E-mail addresses, phone numbers, card numbers and IP addresses in a text. */
export const personalIn = (text: string, kinds: ReadonlyArray<PersonalKind>): ReadonlyArray<Finding> =>
  kinds.flatMap((kind) =>
    hints[kind].test(text)
      ? patterns[kind].flatMap(([pattern, isIt]) =>
          [...text.matchAll(pattern)].flatMap(({ 0: value, index }) =>
            isIt(value) ? [{ start: index, end: index + value.length, kind }] : []
          )
        )
      : []
  )
