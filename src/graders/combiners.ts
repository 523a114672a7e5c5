import { all } from "./all.ts"
import { any } from "./any.ts"
import { bySlice } from "./bySlice.ts"
import { first } from "./first.ts"
import { weighted } from "./weighted.ts"

/** The graders that are made of others. To add one: write its file, then name it here. */
export const combiners = [all, any, weighted, first, bySlice] as const
