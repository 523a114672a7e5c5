import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Browser, chromium, type Page } from "playwright-core"

import type { RunResult } from "../../domain/RunResult.ts"
import { hostileResult, hostileText, inconclusiveResult, noneResult, runResult } from "../../testing/runResult.ts"
import type { ReportData } from "../contract.ts"
import { visible } from "../plain.ts"
import { renderSections } from "../registry.ts"
import { verdictSentence } from "../wording.ts"
import { escaped, html } from "./html.ts"

const executablePath = "/usr/bin/chromium"

const dataOf = (result: RunResult): ReportData => ({
  result,
  worst: [
    {
      caseId: "9f3c".repeat(8),
      slice: hostileText,
      grader: hostileText,
      score: 0,
      reference: 1,
      why: hostileText,
      asked: hostileText,
      original: hostileText,
      answered: hostileText
    }
  ],
  worstOf: "x"
})
const rendered = (result: RunResult) => html.render(dataOf(result), renderSections(dataOf(result)))

it("foreign text is escaped for content and for attributes", () => {
  assert.strictEqual(escaped(`<a href="x" id='y'>&amp;\u0000`), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;␀")
})

it.effect("the page brings no address but what models wrote, and forbids scripts and requests", () =>
  Effect.gen(function* () {
    const page = yield* rendered(runResult())
    const own = page.replaceAll(escaped(hostileText), "")
    assert.notMatch(own.slice(0, own.indexOf("<body>")), /https?:/)
    assert.notMatch(own.slice(own.indexOf("<body>")), /(src|href)="(?!#)|url\(|@import|<script|<link|xmlns/)
    assert.include(own, `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  })
)

describe.skipIf(!existsSync(executablePath))(
  "the page in a real browser (needs /usr/bin/chromium)",
  { timeout: 180_000 },
  () => {
    let browser: Browser
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "understudy-html-"))
      browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
    }, 60_000)
    afterAll(async () => {
      await browser?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Opens a result's page and gives what `look` finds, with the requests that were made. */
    const opened = <A>(result: RunResult, look: (page: Page) => Promise<A>) =>
      Effect.gen(function* () {
        const text = yield* rendered(result)
        return yield* Effect.promise(async () => {
          const file = join(folder, "report.html")
          writeFileSync(file, text)
          const page = await browser.newPage()
          try {
            const requests: Array<string> = []
            page.on("request", (request) => requests.push(request.url()))
            const url = pathToFileURL(file).href
            await page.goto(url, { waitUntil: "load" })
            const found = await look(page)
            return { found, requests: requests.filter((one) => one !== url) }
          } finally {
            await page.close()
          }
        })
      })

    it.live("runs nothing of what a model or a suite wrote, shows it as text and asks the network for nothing", () =>
      Effect.gen(function* () {
        const { found, requests } = yield* opened(hostileResult(), async (page) => ({
          pwned: await page.evaluate("window.pwned"),
          markup: await page.locator("script, img, iframe, form, input, a:not([href^='#']), svg a, svg image").count(),
          shown: await page.locator("pre").allInnerTexts(),
          obeyed: await page.evaluate(`{
          const script = document.createElement("script")
          script.textContent = "window.ran = true"
          document.head.append(script)
          window.ran ?? "refused"
        }`)
        }))
        assert.isUndefined(found.pwned)
        assert.strictEqual(found.markup, 0)
        assert.isTrue(found.shown.some((text) => text.includes(visible(hostileText).slice(0, 200))))
        assert.strictEqual(found.obeyed, "refused", "the page's own policy refuses a script even were one to slip in")
        assert.deepStrictEqual(requests, [])
      })
    )

    const variants: ReadonlyArray<readonly [string, RunResult, number]> = [
      ["parity", runResult(), 6],
      ["none", noneResult(), 3],
      ["inconclusive", inconclusiveResult(), 3]
    ]
    for (const [name, result, priced] of variants) {
      it.live(`begins with the verdict and draws every priced setup once (${name})`, () =>
        Effect.gen(function* () {
          const { found } = yield* opened(result, async (page) => ({
            first: await page.locator("h1, h2, h3").first().innerText(),
            callout: await page.locator(".callout").first().getAttribute("class"),
            points: await page.locator("svg .setups_marks > path").count(),
            incumbent: await page.locator("svg .incumbent_marks > path").count(),
            chart: await page.locator("[role=img]").getAttribute("aria-label")
          }))
          assert.strictEqual(found.first, verdictSentence(result))
          assert.strictEqual(found.callout, `callout ${name}`)
          assert.strictEqual(found.points, priced)
          assert.strictEqual(found.incumbent, 1)
          for (const { setup, usdPerCase } of result.standings) {
            if (usdPerCase !== null) assert.include(found.chart, setup.label)
          }
        })
      )
    }

    it.live("fits a telephone: wide tables scroll by themselves, the chart is all there", () =>
      Effect.gen(function* () {
        const { found } = yield* opened(hostileResult(), async (page) => {
          await page.setViewportSize({ width: 360, height: 740 })
          return {
            beyond: await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"),
            incumbent: await page.locator("svg .incumbent_marks > path").boundingBox()
          }
        })
        assert.isAtMost(Number(found.beyond), 0)
        assert.isBelow(found.incumbent?.x ?? 360, 350)
      })
    )

    it.live("has headings in order and names the columns and rows of its tables", () =>
      Effect.gen(function* () {
        const { found } = yield* opened(runResult(), async (page) => ({
          levels: (await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((one) => one.tagName))).map(
            (tag) => Number(tag[1])
          ),
          tables: await page.locator("table").count(),
          named: await page.locator("table:has(thead th[scope=col]):has(tbody th[scope=row])").count()
        }))
        assert.deepStrictEqual(found.levels.filter((level) => level === 1).length, 1)
        for (const [at, level] of found.levels.entries()) assert.isAtMost(level, (found.levels[at - 1] ?? 0) + 1)
        assert.strictEqual(found.named, found.tables)
      })
    )
  }
)
