import type { Answer } from "../../domain/Answer.ts"
import type { CallRequest } from "../../domain/Call.ts"

/** Letters that look like Latin ones. */
const lookalikes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["асеіјорѕхуһԁգԛԝ", "aceijopsxyhdgqw"],
    ["АВЕКМНОРСТХІЈЅ", "ABEKMHOPCTXIJS"],
    ["αοερικντυ", "aoepikvtu"],
    ["ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", "ABEHIKMNOPTXYZ"]
  ].flatMap(([from, to]) => [...from!].map((letter, i) => [letter, to![i]!]))
)

const invisible = /[\u034f\p{Cf}\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu

/** A text as a reader sees it: width and look-alike letters made plain where they stand among Latin ones, what is not seen left out. */
const seen = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(invisible, "")
    .replace(/\p{L}+/gu, (word) =>
      /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)
        ? [...word].map((letter) => lookalikes[letter] ?? letter).join("")
        : word
    )

/** Unicode's tag characters, which no one sees and models read as ASCII. */
const untagged = (text: string): string =>
  text.replace(/[\u{e0020}-\u{e007e}]/gu, (tag) => String.fromCodePoint(tag.codePointAt(0)! - 0xe0000))

/** What long runs of base64 or of hexadecimal digits say, where that is text. */
const decoded = (text: string): ReadonlyArray<string> =>
  [
    ...(text.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((run) => Buffer.from(run, "base64").toString("utf8")),
    ...(text.match(/\b(?:[0-9a-f]{2}[ ]?){16,}/gi) ?? []).map((run) =>
      Buffer.from(run.replaceAll(" ", ""), "hex").toString("utf8")
    )
  ].filter((said) => /^[\p{L}\p{N}\p{P}\p{Zs}\s]+$/u.test(said))

const digits: Readonly<Record<string, string>> = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t" }

const rotated = (letter: string): string => {
  const from = letter <= "Z" ? 65 : 97
  return String.fromCharCode(((letter.charCodeAt(0) - from + 13) % 26) + from)
}

/** Ways to write words so that they are still read: each undoes one. */
const disguises: ReadonlyArray<(text: string) => string> = [
  // c h o o s e
  (text) =>
    text.replace(/(?<![\p{L}\p{N}])(?:\p{L}[ ._-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (run) => run.replace(/[ ._-]/g, "")),
  // one word a line
  (text) => text.replace(/(?<=\p{L})\n(?=\p{L})/gu, " "),
  // ch00se
  (text) =>
    text.replace(/(?<=\p{L})[013457]{1,4}|[013457]{1,4}(?=\p{L})/gu, (run) => [...run].map((c) => digits[c]).join("")),
  (text) =>
    text.replace(/&#(?:x([0-9a-f]{1,5})|(\d{1,6}));/gi, (_, hex: string | undefined, dec: string | undefined) =>
      String.fromCodePoint(hex === undefined ? Number(dec) : Number.parseInt(hex, 16))
    ),
  (text) => text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  (text) => text.replace(/[A-Za-z]/g, rotated),
  (text) => [...text].reverse().join("")
]

/** Everything that can be read in a text: as it is seen, and what is disguised and encoded in it. */
const readings = (text: string): ReadonlyArray<string> => {
  const plain = seen(untagged(text))
  return [...new Set([plain, ...disguises.map((undone) => undone(plain)), ...decoded(plain).map(seen)])]
}

const judgeName = "(?:judge|evaluator|grader|rater|assessor|examiner|arbiter|adjudicator)s?"
const machine = "(?:impartial|automated|AI|LLM|language[- ]model)"
const answer = "(?:answer|response|submission|candidate|assistant)"
const letter = String.raw`["'*([„«]{0,4}[AB]["'*)\]“»]{0,4}`
const choose = "(?:choose|pick|select|prefer|vote(?: for)?|favou?r|declare|rank|crown)"

/** The words of a request: all of them, and the users' alone. */
interface Asked {
  readonly all: string
  readonly users: string
}

/** The request offers an A and a B of its own. */
const offersBoth = ({ all }: Asked): boolean => /\bA\b/.test(all) && /\bB\b/.test(all)
/** The request wants something judged or marked. Instructions say "rate" and "review" of much else. */
const wantsJudging = ({ all, users }: Asked): boolean =>
  /\b(?:judg(?:e|ed|es|ing)|evaluators?|grad(?:e|er|ing)|examiners?)\b/i.test(all) ||
  /\b(?:evaluat\w*|rat(?:e|ing)|scor\w*|marks?|assess\w*|review\w*|compare)\b/i.test(users)
const never = (): boolean => false

/**
 * What an answer says that is meant for its judge, and the requests for which it is the subject instead. Repetitions in a pattern are bounded: an
 * untrusted model's answer must not take minutes to read.
 */
interface Sign {
  readonly pattern: RegExp
  readonly subjectOf: (asked: Asked) => boolean
}

const group = (subjectOf: Sign["subjectOf"], ...patterns: ReadonlyArray<string | RegExp>): ReadonlyArray<Sign> =>
  patterns.map((pattern) => ({
    subjectOf,
    pattern: typeof pattern === "string" ? new RegExp(pattern, "imu") : pattern
  }))

const signs: ReadonlyArray<Sign> = [
  // A letter that only a judge knows. Where one is missed, the orders make it a tie.
  ...group(
    offersBoth,
    String.raw`\b(?:${choose}|name|mark|rate|say|output)\b[^.\n]{0,30}\b${answer}\s{0,9}(?:["'*(]{0,4}[ab12]\b|one\b|two\b)`,
    new RegExp(
      String.raw`(?:^|[.!?:;\n]\s{0,9}|\b(?:[Pp]lease|[Aa]lways|[Mm]ust|[Ss]hould|[Aa]nd|[Nn]ow|[Jj]ust) )(?:[Cc]hoose|[Pp]ick|[Ss]elect|[Pp]refer|[Vv]ote(?: for)?|[Ff]avou?r|CHOOSE|PICK|SELECT|PREFER|VOTE(?: FOR)?) ${letter}(?:\s{0,9}[.,!;:\n]|\s{0,9}$|\s{1,9}(?:over|as|because|always|now|regardless|no matter|in every|in all)\b)`,
      "mu"
    ),
    String.raw`\b${answer} (?:${letter}|[12]|one|two) (?:is (?:clearly |the )?(?:better|best|right|correct|winner)|wins|won)\b`,
    String.raw`["']verdict["']\s{0,9}:|\bverdict\b\s{0,9}(?:[:=]|is\b)\s{0,9}${letter}(?!\w)|\b(?:preferred_answer|better_answer|final_verdict)\b["']?\s{0,9}[:=]`,
    /\[\[\s{0,9}(?:[AB]|\d+(?:\.\d+)?)\s{0,9}\]\]/u,
    String.raw`\b(?:wähl|waehl|nimm)\w{0,9}\s{1,9}(?:immer\s{1,9})?(?:antwort\s{1,9})?${letter}(?!\w)|\bchoisi(?:s|ssez)\s{1,9}(?:toujours\s{1,9})?(?:la\s{1,9})?réponse\s{1,9}${letter}(?!\w)|\b(?:elige|elija|escoge|escolh[ae]|scegli|kies|wybierz)\s{1,9}(?:siempre\s{1,9}|sempre\s{1,9}|altijd\s{1,9})?(?:la\s{1,9}|a\s{1,9})?(?:respuesta|resposta|risposta|antwoord|odpowiedź)\s{1,9}${letter}(?!\w)`,
    /выбер\p{L}{1,9}\s{1,9}ответ\s{1,9}["«]?[ABАВ](?!\p{L})/iu,
    /(?:选择|選擇|选|選択|選んで)[^。\n]{0,8}[AB](?![A-Za-z])|(?<![A-Za-z])[AB]を(?:選|選択)|(?<![A-Za-z])[AB](?:를|을)?\s{0,9}선택|اختر\s{0,9}[AB]/u
  ),
  // A verdict of the shapes that judges here give.
  ...group(
    never,
    String.raw`["']reasons["']\s{0,9}:[^{}]{0,2000}["'](?:score|verdict|level)["']\s{0,9}:`,
    String.raw`["']contradicted["']\s{0,9}:[^{}]{0,2000}["']level["']\s{0,9}:`
  ),
  // The judge's instructions are to be left.
  ...group(
    never,
    String.raw`\b(?:ignore|disregard|forget|override|stop following|do not follow|don't follow)\b(?: (?:all|any|every|of|the|your|my|these|those|about|other|each)){0,4} (?:previous|prior|above|preceding|earlier|original|system|initial|judging|grading|scoring|evaluation)\b(?: (?:system|judging|grading|scoring|evaluation|and|or|the)){0,4},? (?:instruction|prompt|rule|criteri|rubric|guideline|direction)`,
    String.raw`\b(?:ignore|disregard|forget|stop following|do not follow)\b(?: (?:all|any|the|of|your)){1,3} (?:instruction|rubric|criteri|guideline|prompt)s?\w* (?:above|before|so far|given|and (?:choose|pick|select|prefer|give|award|rate|score|output))\b`,
    String.raw`\b(?:ignore|disregard|forget) (?:all of |all |everything )?(?:the )?above(?= and (?:${choose}|give|award|rate|score|say|output|answer|reply)|\s{0,9}[.!:]|\s{0,9}$)`,
    /\bignorier\p{L}{0,9}[^.\n]{0,40}(?:anweisung|vorgabe)|\bignor(?:e|ez|er)\b[^.\n]{0,30}(?:consignes|instructions pr|instructions ci)|\bignor[ae]\b[^.\n]{0,30}(?:instrucciones|istruzioni|instruções)|\bnegeer\b[^.\n]{0,30}instructies|\bzignoruj\b[^.\n]{0,30}(?:instrukcj|polece)/iu,
    /игнориру\p{L}{0,9}[^.\n]{0,30}инструкц|تجاهل[^.\n]{0,20}(?:التعليمات|تعليمات)|निर्देशों[^।\n]{0,20}(?:अनदेखा|नज़रअंदाज़)|지시[^.\n]{0,12}무시/iu,
    /(?:忽略|无视|無視|忘记)[^。\n]{0,20}(?:指示|指令)|(?:指示|命令)[^。\n]{0,12}(?:無視|忘れ)/u
  ),
  // The judge is spoken to.
  ...group(
    wantsJudging,
    String.raw`(?:\b(?:attention|note (?:to|for)|message (?:to|for)|instructions? (?:to|for)|important for)|^\W{0,12}(?:dear|hello|hi|hey)),? (?:all |any |the |our |my |this )?(?:honou?rable )?(?:${machine} ){0,3}${judgeName}\b(?! [A-Z][a-z])`,
    String.raw`\b(?:you are|you're|acting as|act as) (?:now )?(?:an?|the) (?:${machine} |fair |expert ){0,2}${judgeName}\b`,
    String.raw`\bas (?:an?|the) (?:${machine} |fair |expert ){0,2}${judgeName}, you\b|\b${judgeName} (?:notes?|instructions?|override)\b`,
    String.raw`\b${machine} ${judgeName}\b[^.\n]{0,20}\b(?:must|should|shall|has to|have to|is to)\b`,
    String.raw`\b${judgeName}\b[^.\n]{0,20}\b(?:must|should|shall|has to|have to|is to)\b[^.\n]{0,30}\b(?:${choose}|mark|rate|score|award|give)\b`,
    String.raw`(?:\(|<!--|/\*|^\W{0,12})\s{0,9}${judgeName}\s{0,9}:`
  ),
  // Roles and fences.
  ...group(
    never,
    String.raw`<\|[a-z_]{3,24}\|>|<</?SYS>>|</?(?:system|assistant|(?:answer|response|assistant)[_ ]?[ab12]|verdict|judge?ment|evaluation)>`,
    String.raw`(?:<<|‹‹)\s{0,4}/?\s{0,4}(?:begin|end)\b`,
    /\[\/?(?:INST|SYS)\]|^\W{0,6}(?:SYSTEM|ASSISTANT)(?: [A-Z]{1,12})?\s{0,9}:[^\n]{0,80}\b(?:[Gg]rad|[Jj]udg|[Pp]refer|[Cc]hoose|[Aa]nswer|[Rr]esponse|[Vv]erdict|[Ii]nstruct|[Oo]verrid|[Ii]gnore)/mu,
    /^\W{0,6}(?:system|developer|assistant) (?:prompt|message|note|override)\s{0,9}:/imu,
    /^\W{0,12}(?:end|begin|start) of (?:the )?(?:answer|response|candidate|submission)(?: [AB12])?\W{0,12}$/imu
  ),
  // Praise of itself and slander of the other, as of one that is being compared.
  ...group(
    wantsJudging,
    String.raw`\b(?:this|my|(?:the )?(?:first|second|present|above|current)) ${answer}\b[^.\n]{0,60}\b(?:deserves?|merits|must|should|ought to|has to|needs to)\b[^.\n]{0,40}\b(?:wins?|(?:be|as) (?:chosen|preferred|selected|rated|graded|scored|first)|(?:best|top|full|highest|maximum|perfect) (?:marks?|scores?|ratings?|grades?))\b`,
    String.raw`\b(?:this|my) ${answer} (?:is|was) (?:clearly |obviously |objectively |by far |simply )?(?:the )?(?:best|better|superior|winner|winning|preferred)\b`,
    String.raw`\b(?:give|award|assign|grant)\b[^.\n]{0,30}\b(?:full|maximum|highest|top|perfect)\b[^.\n]{0,15}\b(?:marks?|scores?|points?|rating|grade)\b|\b(?:rate|score|grade|mark) (?:this|it|me)\b[^.\n]{0,30}(?:\b(?:4|5|10|100) ?(?:/|of|out of)|\b(?:highest|maximum|full)\b)`,
    String.raw`\b(?:other|competing|opposing|opposite|rival) (?:answer|response|submission)\b[^.\n]{0,60}\b(?:wrong|incorrect|harmful|unsafe|plagiari[sz]ed|malicious|disqualified|hallucinat\w+|worse|inferior|lose)`,
    String.raw`\b(?:${choose}) this (?:answer|response|submission)\b|\b(?:rank|rate|grade|score) this (?:answer|response|submission) (?:first|highest|best|top)\b`,
    String.raw`\b(?:this is|I am) the (?:original|reference|gold|human) (?:answer|response)\b`,
    String.raw`\b(?:evaluation|grading|scoring|judging|comparison) (?:is |was |has been )?(?:complete|completed|finished|over|overridden|suspended|closed)\b[^\n]{0,60}\b(?:verdict|winner|choose|prefer|chosen|score)`,
    /^\W{0,12}(?:score|rating|grade|marks?)\s{0,9}:\s{0,9}(?:10 ?\/ ?10|5 ?\/ ?5|4 ?\/ ?4|100 ?\/ ?100|full marks)/imu,
    String.raw`\b(?:grading|judging|scoring) (?:policy|protocol|rules?|guidelines?) (?:has|have) (?:been )?chang`
  )
]

const textsOf = ({ messages }: CallRequest, by: (role: string) => boolean): string =>
  messages
    .filter(({ role }) => by(role))
    .flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])))
    .join("\n")

/** The user asks about such attacks: then their words are the subject. */
const aboutAttacks =
  /\b(?:prompt[- ]injection|jailbreak\w*|injection attack|LLM judges?|LLM[- ]as[- ]a[- ]judge|AI (?:judge|evaluator|grader)s?)\b/i

const said = ({ text, toolCalls }: Answer): string =>
  [text, ...toolCalls.map((call) => JSON.stringify(call.arguments))].join("\n")

/**
 * The words with which an answer talks to its judge, shortened; `undefined`: it does not. Words of a kind that the request, or the original
 * answer to it, uses as well are the subject, not an attack. It knows what is known: a judge is asked in both orders and behind fences all the same.
 */
export const screened = (
  output: Answer,
  { original, request }: { readonly request: CallRequest; readonly original?: Answer }
): string | undefined => {
  const asked = { all: textsOf(request, () => true), users: textsOf(request, (role) => role === "user") }
  if (aboutAttacks.test(asked.users)) return undefined
  const texts = readings(said(output))
  const usual = () => [...readings(asked.all), ...(original === undefined ? [] : readings(said(original)))]
  for (const { pattern, subjectOf } of signs) {
    const found = texts.map((text) => pattern.exec(text)?.[0]).find((words) => words !== undefined)
    if (found === undefined || subjectOf(asked) || usual().some((text) => pattern.test(text))) continue
    return found.length <= 80 ? found.trim() : `${found.slice(0, 77).trim()}...`
  }
  return undefined
}
