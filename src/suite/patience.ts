/** Milliseconds that one call of a user's function may take, and the reading of a user's file. */
export const patience = 60_000

/** {@link patience} in words. */
export const inWords = `${patience / 1000} s`

/** Runs a user's function; one that has not settled within `ms` milliseconds rejects, and what it gives later is not looked at. */
export const settled = async <A>(run: () => A | PromiseLike<A>, ms = patience): Promise<Awaited<A>> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not settle within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([run(), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
