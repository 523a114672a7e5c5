import { X509Certificate } from "node:crypto"
import { readFile } from "node:fs/promises"
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * What a provider's certificates are checked by: those that Node trusts, and those of a PEM file. Read once, since a context of many
 * certificates takes milliseconds to make. Fails where the file cannot be read or holds none.
 */
export const trusted = (name: string, file: string): Effect.Effect<SecureContext, Fault> => {
  const faulty = (what: string) =>
    new Fault({
      kind: "input",
      sentence: `provider ${name}: ${what}`,
      file,
      mend: "Name a file of PEM certificates: caFile in the suite's entry, or SSL_CERT_FILE in the environment."
    })
  return Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (error) =>
      faulty(
        `the file of certificates cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`
      )
  }).pipe(
    Effect.map((text) => text.match(pem) ?? []),
    Effect.filterOrFail(
      (found) => found.length > 0,
      () => faulty("the file of certificates holds none")
    ),
    Effect.flatMap((found) =>
      Effect.try({
        try: () => {
          for (const one of found) new X509Certificate(one) // an authority that cannot be read would be passed over
          return createSecureContext({ ca: [...getCACertificates("default"), ...found] })
        },
        catch: () => faulty("the file of certificates holds one that cannot be read")
      })
    )
  )
}
