import { createHash, hash } from "node:crypto"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { digestOf } from "../domain/digest.ts"
import { identityOf } from "./identity.ts"
import { indexLine } from "./archiveIndex.ts"
import { lineOf } from "./segment.ts"
import { mayHoldBlobs } from "./blobs.ts"
const big = "some text with words ".repeat(100)
const sys = userMessage("system ".repeat(100))
const hex = (n: number) => n.toString(16).padStart(64, "0123456789abcdef")
const N = 20000
const cs = Array.from({ length: N }, (_, n) => archivedCall(hex(n), { messages: [sys, userMessage(big + n)], answer: big + n }))
const t = (name: string, f: (i: number) => unknown) => { for (let i = 0; i < 2000; i++) f(i); const c = process.cpuUsage(); for (let i = 0; i < N; i++) f(i); const u = process.cpuUsage(c); console.log(name, ((u.user + u.system) / N).toFixed(1), "us") }
const js = cs.map((c) => JSON.stringify(c)); console.log("bytes", js[0]!.length)
t("parse", (i) => JSON.parse(js[i]!))
t("stringify", (i) => JSON.stringify(cs[i]))
t("identity", (i) => identityOf(cs[i]!))
t("digest msg", (i) => digestOf(cs[i]!.request.messages[1]))
t("sha 2k createHash", () => createHash("sha256").update(big).digest("hex"))
t("sha 2k hash", () => hash("sha256", big))
t("sha 0.1k hash", () => hash("sha256", "abc"))
t("sha 0.1k createHash", () => createHash("sha256").update("abc").digest("hex"))
const id = identityOf(cs[0]!)
t("indexLine", (i) => lineOf(indexLine(cs[i]!, id, { offset: 1, length: 1, dedupeKey: "k", import: 1 }), { readable: true }))
t("contentLine", (i) => mayHoldBlobs(lineOf({ id: "x", call: cs[i] }, { readable: false })))
t("Buffer.from", (i) => Buffer.from(js[i]!))
