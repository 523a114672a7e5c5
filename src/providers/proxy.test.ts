import { assert, describe, it } from "@effect/vitest"

import { proxyFor } from "./proxy.ts"

const both = { http: "http://plain.test:3128", https: "http://safe.test:3128" }
const away = "https://api.example.org/v1"

describe("the proxy of an address", () => {
  it("goes by the address's scheme", () => {
    assert.strictEqual(proxyFor(away, both), both.https)
    assert.strictEqual(proxyFor("http://api.example.org/v1", both), both.http)
    assert.isUndefined(proxyFor("http://api.example.org/v1", { https: both.https }))
    assert.isUndefined(proxyFor(away, { http: both.http }))
    assert.isUndefined(proxyFor(away, { https: " " }))
    assert.isUndefined(proxyFor(away, {}))
  })

  it("may be written without a scheme", () => {
    assert.strictEqual(proxyFor(away, { https: "safe.test:3128" }), "http://safe.test:3128")
    assert.strictEqual(proxyFor(away, { https: "https://u:p@safe.test" }), "https://u:p@safe.test")
  })

  it("is none for this machine", () => {
    for (const host of ["localhost:8089", "127.0.0.1:11434", "127.8.8.8", "[::1]:80", "desk.localhost"]) {
      assert.isUndefined(proxyFor(`http://${host}/v1`, both), host)
    }
  })

  it("is none for the hosts that NO_PROXY names", () => {
    const told = (no: string, address = away) => proxyFor(address, { ...both, no }) === undefined
    for (const no of [
      "*",
      "example.org",
      ".example.org",
      "*.example.org",
      "api.example.org",
      "other.test, API.Example.ORG",
      "other.test api.example.org:443"
    ]) {
      assert.isTrue(told(no), no)
    }
    for (const no of ["", "ample.org", "api.example.org:8443", "org.", "10.0.0.0/8", "example.org.uk"])
      assert.isFalse(told(no), no)
    assert.isTrue(told("10.0.0.0/8", "http://10.2.3.4:8000/v1"))
    assert.isTrue(told("10.2.3.4", "http://10.2.3.4:8000/v1"))
    assert.isFalse(told("10.0.0.0/8", "http://11.2.3.4:8000/v1"))
    assert.isFalse(told("10.0.0.0/x", "http://10.2.3.4:8000/v1"))
  })
})
