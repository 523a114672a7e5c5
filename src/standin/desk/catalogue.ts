/** What the simulated shop sells; prices in cents of a euro. */
export interface Product {
  readonly sku: string
  readonly name: string
  readonly cents: number
}

const product = (sku: string, name: string, cents: number): Product => ({ sku, name, cents })

export const catalogue: ReadonlyArray<Product> = [
  product("LMP-101", "Fennel desk lamp", 2490),
  product("LMP-204", "Harbour floor lamp", 7900),
  product("SHF-310", "Birch wall shelf", 3450),
  product("SHF-322", "Corner spice rack", 1890),
  product("KTL-017", "Enamel kettle", 4200),
  product("PAN-045", "Cast iron pan", 5650),
  product("CUP-088", "Stoneware mug", 950),
  product("BWL-090", "Serving bowl", 2275),
  product("RUG-150", "Wool hall runner", 11900),
  product("CHR-211", "Folding garden chair", 6400),
  product("TBL-230", "Balcony table", 8990),
  product("CLK-301", "Quiet wall clock", 3125),
  product("BLD-411", "Linen roller blind", 4780),
  product("TWL-520", "Waffle bath towel", 1640),
  product("PLW-533", "Feather pillow", 2860),
  product("MIR-602", "Round hall mirror", 5435)
]

/** "1 lamp", "2 lamps"; every name in the catalogue takes an s. */
export const plural = (name: string, count: number): string => (count === 1 ? name : `${name}s`)

/** `2490` as `24.90`. */
export const euros = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`
