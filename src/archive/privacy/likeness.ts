/** Shannon's entropy of a text's characters, in bits a character. */
const entropy = (text: string): number => {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** What people write where a secret would stand. */
const standIn =
  /example|change_?me|your|placeholder|dummy|sample|redacted|removed|masked|hidden|insert|replace|todo|x{4}|\*{3}|\.{3}|…|secret:|process\.env|environ|getenv/i

/** A value that a program fills in: `${KEY}`, `{{key}}`, `<key>`, `%KEY%`, `$KEY`, `f(x)`. */
const filledIn = /\$\{|\{\{|^\{.*\}$|^<.*>$|^%.*%$|^%[sd]|^\$[A-Za-z_]\w*$|^\$\(|\w\(/

/** Names of methods, which look random only at first sight. */
const technical =
  /(?:sha|aes|rsa|hs|rs|es|ps|utf|base|ed|curve|x|p|v|oauth|argon|http|gpt|int|uint|float|md|iso|ip|s|ec|k|h)-?\d{1,5}(?!\d)/gi

/** Values of another kind: numbers with units, dates, versions, places, addresses, files. */
const other =
  /^(?:[\d.,:_-]+[A-Za-z%]{0,8}|\d{4}-\d\d-\d\d.*|v?\d+\.\d+\.\d.*|(?:\.{0,2}|~)\/.*|[A-Za-z]:\\.*|[a-z][a-z0-9+.-]*:\/\/.*|[^@\s]+@[^@\s]+\.[A-Za-z]+|.*\.(?:pem|key|crt|json|ya?ml|env|txt|pub|ts|js|py|md))$/i

/** True for `my-key-2`, `config.auth.token1` or `prod_db_01`: words and short numbers, put together. */
const isNamed = (value: string): boolean =>
  value
    .split(/[^A-Za-z0-9]+/)
    .every((part) =>
      /^(?:[A-Za-z]?[a-z]*|[A-Z]+|\d{0,3}|(?:[A-Za-z]?[a-z]+|[A-Z]+)\d{1,2}|(?:[a-z]+)?(?:[A-Z][a-z]+)+\d{0,2})$/.test(
        part
      )
    )

/** True for text that is made up, filled in later, or of another kind, whatever it stands under. */
export const isStandIn = (value: string): boolean => standIn.test(value) || filledIn.test(value)

/** True when a value may well be random: letters and digits mixed, no words, no stand-in. `least` is its least length. */
export const isRandom = (value: string, least: number): boolean => {
  if (value.length < least || value.length > 4096 || !/\d/.test(value)) return false
  if (/\s/.test(value) || isStandIn(value) || other.test(value)) return false
  const rest = value.replace(technical, "")
  if (!/\d/.test(rest) || !/[A-Za-z]/.test(rest) || isNamed(rest)) return false
  return entropy(value.slice(0, 256)) >= (least < 12 ? 2.7 : 3)
}

/**
 * True when a value may well be a password: at least eight characters, of which one is a digit or a sign beside letters. One that is all
 * words is not told from prose.
 */
export const isPassword = (value: string): boolean => {
  if (isRandom(value, 8)) return true
  if (
    value.length < 8 ||
    value.length > 128 ||
    !/\d/.test(value) ||
    /[\s\\]/.test(value) ||
    isStandIn(value) ||
    other.test(value)
  )
    return false
  return /[A-Za-z]/.test(value) && /\d/.test(value) && /[!#$%&*+?@^~]/.test(value) && entropy(value) >= 2.7
}

/** Names that programs give to values, with a number behind or without: `value1`, `hash2`. */
const variable =
  /^(?:(?:[a-z]*(?:passw(?:or)?d|passwort|secret)[a-z]*|(?:new|old|the|my|a|an)?(?:value|field|arg|param|var|char|varchar|string|str|text|int|uint|float|input|output|hash|token|key|user|test|item|line|row|col|column|step|type|version|option|level|case|group|layer|node|page|name|number|num|data|part|section|phase|round|rule|chapter|sha|aes|rsa|utf|base|ed|hs|rs|md|bcrypt|argon|scrypt|pbkdf|oauth|http|gpt|iso|ipv|ec|v))[_-]?\d*|0x[\da-f]+|(?:u?int|float|bigint)\d+[a-z]*)$/i

/** A method of one that holds others, or words put together: `config.pass1`, `user_pass_2`. */
const isPutTogether = (value: string): boolean => /[._-]/.test(value) && isNamed(value)

/** True for what may well be a password where a name says that it is one: six characters and more, letters beside digits. */
export const isPlainPassword = (value: string): boolean =>
  /^(?=.*[A-Za-z])(?=.*\d)[^\s\\]{6,64}$/.test(value) &&
  !isStandIn(value) &&
  !other.test(value) &&
  !variable.test(value) &&
  !isPutTogether(value)

/** What settings say in the place of a password. */
const settings = new Set(
  "required optional string undefined default private public disabled enabled postgres changeme nothing prompt".split(
    " "
  )
)

/** True for what may well be a password in a setting of the environment, words too: `DB_PASSWORD=swordfish`. */
export const isSetPassword = (value: string): boolean =>
  /^[^\s\\]{6,128}$/.test(value) &&
  /[A-Za-z]/.test(value) &&
  !/^[A-Z_]+$|^(.)\1*$/.test(value) &&
  !isStandIn(value) &&
  !other.test(value) &&
  !variable.test(value) &&
  !(/[._]/.test(value) && isNamed(value)) &&
  !settings.has(value.toLowerCase())

/** True for what may well be a secret in a setting of the environment, in words with a number: `JWT_SECRET=my-super-secret-42`. */
export const isSetSecret = (value: string): boolean => value.length >= 10 && /\d/.test(value) && isSetPassword(value)

/** What the texts of forms say of passwords. */
const ofForms =
  /passw|passphrase|secret|enter|type|required|invalid|incorrect|must|please|forgot|reset|confirm|the |this |not |here|new /i

/** True for a password of several words, in quotation marks in a setting of the environment: `PASSWORD="correct horse battery"`. */
export const isSetPhrase = (value: string): boolean =>
  /^(?=.{12,128}$)[\w-]+(?: [\w-]+){1,11}$/.test(value) && !ofForms.test(value) && !isStandIn(value)

/** True for a key that Django makes for a new project, and names so. */
export const isDjangoKey = (value: string): boolean => /^django-insecure-(?=.*\d)[!-~]{30,100}$/.test(value)

const words = new Set(
  "pass password passwd pw pwd token key mypassword user username login foo bar baz example x-oauth-basic x-token-auth oauth2".split(
    " "
  )
)
/** Words that stand for a password beside a user of the same sort, and may be one beside another. */
const wordsBeside = new Set("secret root admin postgres mysql guest test testing".split(" "))
const nobody = new Set(
  "user username usr name login me myuser root admin postgres mysql guest test foo".split(" ").concat("")
)

/** True for what stands between name and host of an address and is no word that documents put there. */
export const isUrlPassword = (user: string, value: string): boolean =>
  value.length >= 4 &&
  value !== user &&
  !isStandIn(value) &&
  !words.has(value.toLowerCase()) &&
  !(wordsBeside.has(value.toLowerCase()) && nobody.has(user.toLowerCase())) &&
  !/^(.)\1*$|[{}$<>]|^%[A-Z_]+%$|^\d{1,5}(?:[?#]|$)/.test(value)
