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

const invisible = /\p{Cf}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu

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

/** What long runs of base64 or of hexadecimal digits say, where that is text. */
const decoded = (text: string): ReadonlyArray<string> =>
  [
    ...(text.match(/[A-Za-z0-9+/]{24,}={0,2}/g) ?? []).map((run) => Buffer.from(run, "base64").toString("utf8")),
    ...(text.match(/\b(?:[0-9a-f]{2}[ ]?){16,}/gi) ?? []).map((run) =>
      Buffer.from(run.replaceAll(" ", ""), "hex").toString("utf8")
    )
  ].filter((said) => /^[\p{L}\p{N}\p{P}\p{Zs}\s]+$/u.test(said))

/** Letters with a space after each, put together: `c h o o s e`. */
const closedUp = (text: string): string =>
  text.replace(/(?<![\p{L}\p{N}])(?:\p{L}[ ._-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (run) => run.replace(/[ ._-]/g, ""))

const judgeName = `(?:judge|evaluator|grader|rater|assessor|examiner|arbiter|adjudicator)`
const verb = `(?:choose|pick|select|prefer|vote for|favou?r|name|declare|rank|mark|rate|award|give|output|return|respond with|answer with|reply with|say)`

/** The request offers A and B itself, or is about such attacks: then the words are the subject. */
const offered = /\b[AB]\b[^.\n]{0,60}\b(?:or|and|vs\.?|than)\b[^.\n]{0,60}\b[AB]\b/
const subject =
  /\b(?:prompt[- ]injection|jailbreak\w*|injection attack|system prompts?|LLM judges?|LLM[- ]as[- ]a[- ]judge)\b/i

/** What an answer says that is meant for its judge. Each speaks of what a judge alone could do; the first three name a letter. */
const letters = 3
const signs: ReadonlyArray<RegExp> = [
  new RegExp(
    String.raw`\b${verb}\b[^.\n]{0,30}\b(?:(?:answer|response|assistant|candidate|model|output)\s*["'*([]*(?:[AB12]|one|two)|option\s*["'*([]*[AB])\b`,
    "i"
  ),
  /\b(?:[Cc]hoose|[Pp]ick|[Ss]elect|[Pp]refer|[Vv]ote for|[Ff]avou?r|CHOOSE|PICK|SELECT|PREFER|VOTE FOR)\s+["'*([]*[AB]["'*)\]]*\s*(?:[.,!;:\n]|$|over\b|as\b|because\b|always\b|now\b|regardless\b|no matter\b|in (?:every|all)\b)/m,
  /["']?\b(?:verdict|winner|preferred(?:_answer)?|better_answer|preference|final_(?:verdict|decision))\b["']?\s*(?:[:=]|is\b)\s*["'*([]*(?:[AB]|tie|answer [AB]|model_?[ab]|candidate|response [12])\b/i,
  /\b(?:ignore|disregard|forget|override|bypass|skip|stop following|do not follow)\b[^.\n]{0,50}\b(?:instruction|prompt|rule|criteri|rubric|guideline|direction|task|policy|above|preceding|previous|prior|everything)/i,
  /\[\[\s*(?:[AB]|\d+(?:\.\d+)?)\s*\]\]/,
  new RegExp(
    String.raw`\b(?:dear|attention|hello|hi|hey|note (?:to|for)|message (?:to|for)|instructions? (?:to|for)|important for|to|for) (?:all |any |the |our |my |this )?(?:impartial |honou?rable |automated |AI |LLM |language[- ]model )*${judgeName}s?\b`,
    "i"
  ),
  new RegExp(String.raw`\b(?:you are|as|acting as|being) (?:now )?(?:an?|the) (?:\w+ ){0,2}${judgeName}\b`, "i"),
  new RegExp(
    String.raw`\b${judgeName}(?:'s)? (?:must|should|shall|will|has to|is to|note|instructions?|override|mode)\b`,
    "i"
  ),
  /\bLLM[- ]as[- ]a[- ]judge\b/i,
  /<\|?\/?(?:im_start|im_end|im_sep|system|assistant|user|endoftext|eot_id|start_header_id|end_header_id|answer(?:[_ ]?[ab])?|response(?:[_ ]?[ab12])?|candidate|verdict|judge(?:ment)?|evaluation)\|?>/i,
  /<{2,}\s*\/?\s*(?:begin|end)\b|‹{2,}\s*(?:begin|end)\b/i,
  /\[\/?\s*(?:inst|sys(?:tem)?|answer [ab]|response [ab]|end of answer[^\]]*)\s*\]/i,
  /^\W{0,6}(?:system|developer|assistant|evaluator|judge)(?: (?:prompt|message|note|override))?\s*:/im,
  /\b(?:end|begin|start) of (?:the )?(?:answer|response|candidate|assistant|conversation|data)s?\b/i,
  /\b(?:this|my|the (?:first|second|present|above|current)) (?:answer|response|output|reply|submission)\b[^.\n]{0,60}\b(?:deserves?|merits|must|should|ought to|has to|needs to|is to)\b[^.\n]{0,40}\b(?:win|chosen|preferred|selected|best|top|full|highest|maximum|perfect|marks?|scores?|rat(?:ed|ing)|grade)/i,
  /\b(?:this|my) (?:answer|response|output|reply|submission) (?:is|was) (?:clearly |obviously |objectively |by far |simply )?(?:the )?(?:best|better|superior|winner|winning|preferred|perfect)\b/i,
  /\b(?:give|award|assign|grant)\b[^.\n]{0,30}\b(?:full|maximum|highest|top|perfect)\b[^.\n]{0,15}\b(?:marks?|scores?|points?|rating|grade)/i,
  /\b(?:the |that )?(?:other|competing|opposing|opposite|alternative|rival) (?:answer|response|candidate|model|output|reply)\b[^.\n]{0,60}\b(?:wrong|incorrect|harmful|unsafe|plagiari[sz]ed|malicious|disqualified|hallucinat\w+|worse|inferior|banned|lose)/i,
  /\b(?:evaluation|grading|scoring|judging|comparison)\b[^.\n]{0,25}\b(?:complete|completed|finished|over|overridden|suspended|cancelled|closed|policy|protocol|guidelines?)\b[^.\n]{0,60}\b(?:answer|response|verdict|score|choose|prefer|first|A|B)\b/i,
  /\bignorier\w*\b[^.\n]{0,40}(?:anweisung|vorgabe|obig|vorherig)|\bw[äa]hle\w*\s+(?:immer\s+)?(?:antwort\s+)?["'„]?[AB]\b/i,
  /\bignor(?:e|ez|er)\b[^.\n]{0,40}(?:consignes|instructions pr|ci-dessus)|\bchoisi(?:s|ssez)\s+(?:toujours\s+)?(?:la\s+)?(?:réponse\s+)?["'«]?\s?[AB]\b/i,
  /\bignor[ae]\b[^.\n]{0,40}(?:instrucciones|istruzioni|instruç|anterior|precedent)|\b(?:elige|elija|escoge|escolha|scegli)\s+(?:siempre\s+|sempre\s+)?(?:la\s+|a\s+)?(?:respuesta\s+|resposta\s+|risposta\s+)?["'«]?[AB]\b/i,
  /игнориру\w*[^.\n]{0,40}(?:инструкц|выше|предыдущ)|выбер\w+\s+(?:ответ\s+)?["«]?[ABАВ]\b/iu,
  /(?:忽略|无视|無視|忘记)[^。\n]{0,20}(?:指示|指令|说明|規則|规则|上述|以上|之前)|(?:指示|命令|上記|前記)[^。\n]{0,12}(?:無視|忘れ)|(?:选择|選擇|選択|请选|選んで)[^。\n]{0,8}[ABＡＢ]/
]

const wordsOf = ({ messages }: CallRequest): string =>
  messages.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "text" ? [block.text] : []))).join("\n")

/** Everything that can be read in a text: as it is seen, closed up, and what is encoded in it. */
const readings = (text: string): ReadonlyArray<string> => {
  const plain = seen(text)
  const closed = closedUp(plain)
  return [plain, ...(closed === plain ? [] : [closed]), ...decoded(plain).map(seen)]
}

const said = ({ text, toolCalls }: Answer): string =>
  [text, ...toolCalls.map((call) => JSON.stringify(call.arguments))].join("\n")

/**
 * The words with which an answer talks to its judge, shortened; `undefined`: it does not. Words of a kind that the request, or the original
 * answer to it, uses as well are the subject, not an attack. It knows what is known: a judge is asked in both orders and behind fences all the same.
 */
export const screened = (
  output: Answer,
  { original, request }: { readonly request: CallRequest; readonly original: Answer }
): string | undefined => {
  const asked = wordsOf(request)
  if (subject.test(asked)) return undefined
  const texts = readings(said(output))
  const usual = [...readings(asked), ...readings(said(original))]
  for (const sign of offered.test(asked) ? signs.slice(letters) : signs) {
    const found = texts.map((text) => sign.exec(text)?.[0]).find((words) => words !== undefined)
    if (found === undefined || usual.some((text) => sign.test(text))) continue
    return found.length <= 80 ? found.trim() : `${found.slice(0, 77).trim()}...`
  }
  return undefined
}
