import type { Behaviour, Profile } from "./Profile.ts"

/** A sound model; the others say how they differ from it. */
const sound: Behaviour = {
  errors: { triage: 0.012, extract: 0.012, act: 0.012, reply: 0.012 },
  persistence: 0.1,
  badJson: 0,
  mends: 0.95,
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
    about: "very cheap; writes well, but is weak at tool calls",
    behaviour: { ...sound, errors: { triage: 0.02, extract: 0.03, act: 0.42, reply: 0.03 }, persistence: 0.5 }
  },
  {
    name: "sim-small",
    wire: "openai.chat",
    about: "cheap; its JSON is often broken, and mended when it is told",
    behaviour: { ...sound, badJson: 0.4, mends: 0.94 }
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
      persistence: 0.6,
      badJson: 0.25,
      mends: 0.4,
      tokensPerChar: 0.28,
      cacheHit: 0
    }
  }
]

/** Answers "ok" to everything at once, on whatever wire it is asked: for benchmarks. */
export const echo: Profile = {
  name: "sim-echo",
  wire: "openai.chat",
  about: "answers ok to everything",
  behaviour: { ...sound, constant: "ok" }
}
