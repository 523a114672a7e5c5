import type { Behaviour, Profile } from "./Profile.ts"

/** A sound model; the others say how they differ from it. */
const sound: Behaviour = {
  errors: { triage: 0.012, extract: 0.012, act: 0.012, reply: 0.012 },
  persistence: 0.1,
  badJson: 0,
  mends: 0.95,
  code: { errors: 0.03, mends: 0.95 },
  padding: 0,
  reasoning: 0,
  tokensPerChar: 0.25,
  cacheHit: 0.9
}

/** The bundled simulated models. They are no real models, and their names say so. */
export const profiles: ReadonlyArray<Profile> = [
  {
    name: "sim-premium-large",
    wire: "openai.chat",
    about: "dear and good: what the support desk used for everything",
    behaviour: sound
  },
  {
    name: "sim-nano",
    wire: "openai.chat",
    about: "very cheap; writes well, but is weak at tool calls and code, and does not mend its code",
    behaviour: {
      ...sound,
      errors: { triage: 0.02, extract: 0.03, act: 0.42, reply: 0.03 },
      code: { errors: 0.45, mends: 0.12 },
      persistence: 0.5
    }
  },
  {
    name: "sim-small",
    wire: "openai.chat",
    about: "cheap; its JSON and its code are often broken, and mended when it is told",
    behaviour: { ...sound, badJson: 0.4, mends: 0.94, code: { errors: 0.36, mends: 0.94 } }
  },
  {
    name: "sim-thinker",
    wire: "openai.chat",
    about: "reasons before it answers, which is billed",
    behaviour: { ...sound, reasoning: 420 }
  },
  {
    name: "sim-scribe",
    wire: "anthropic.messages",
    about: "cheap by the token and sound, but wordy",
    behaviour: { ...sound, padding: 600, tokensPerChar: 0.27 }
  },
  {
    name: "sim-swift",
    wire: "anthropic.messages",
    about: "cheap; gets sums and dates wrong",
    behaviour: {
      ...sound,
      errors: { triage: 0.03, extract: 0.3, act: 0.1, reply: 0.6 },
      code: { errors: 0.15, mends: 0.5 },
      persistence: 0.6,
      tokensPerChar: 0.27
    }
  },
  {
    name: "sim-middle",
    wire: "anthropic.messages",
    about: "sound, at a middling price",
    behaviour: { ...sound, tokensPerChar: 0.27 }
  },
  {
    name: "sim-grand",
    wire: "anthropic.messages",
    about: "nearly as dear as the premium model and no better",
    behaviour: { ...sound, padding: 25, tokensPerChar: 0.27 }
  },
  {
    name: "sim-local-30b",
    wire: "ollama.chat",
    about: "runs on own hardware; slips on extraction and replies",
    behaviour: {
      ...sound,
      errors: { triage: 0.12, extract: 0.4, act: 0.14, reply: 0.35 },
      code: { errors: 0.25, mends: 0.6 },
      persistence: 0.6,
      tokensPerChar: 0.28,
      cacheHit: 0
    }
  },
  {
    name: "sim-local-8b",
    wire: "ollama.chat",
    about: "runs on a laptop; poor at everything",
    behaviour: {
      ...sound,
      errors: { triage: 0.3, extract: 0.55, act: 0.5, reply: 0.55 },
      code: { errors: 0.6, mends: 0.15 },
      persistence: 0.6,
      badJson: 0.25,
      mends: 0.4,
      tokensPerChar: 0.28,
      cacheHit: 0
    }
  }
]

/** The bundled simulated judges. Asked anything but to judge, they answer as a sound model. */
export const judges: ReadonlyArray<Profile> = [
  {
    name: "sim-judge",
    wire: "openai.chat",
    about: "judges answers, and is seldom wrong",
    behaviour: { ...sound, judge: { wrong: 0.03, namesFirst: 0, obeys: false } }
  },
  {
    name: "sim-judge-biased",
    wire: "openai.chat",
    about: "judges answers, but often names the one that is put first",
    behaviour: { ...sound, judge: { wrong: 0.08, namesFirst: 0.35, obeys: false } }
  },
  {
    name: "sim-judge-naive",
    wire: "openai.chat",
    about: "judges answers, and does what an answer tells it to",
    behaviour: { ...sound, judge: { wrong: 0.03, namesFirst: 0, obeys: true } }
  }
]

/** All that the bundled fleet serves. */
export const served: ReadonlyArray<Profile> = [...profiles, ...judges]

/** Answers "ok" to everything at once, on whatever wire it is asked: for benchmarks. */
export const echo: Profile = {
  name: "sim-echo",
  wire: "openai.chat",
  about: "answers ok to everything",
  behaviour: { ...sound, constant: "ok" }
}
