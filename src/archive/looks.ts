import { Buffer } from "node:buffer"
import { closeSync, openSync, readSync, statSync } from "node:fs"
import { extname } from "node:path"

import { packingOf } from "./containers/kinds.ts"
import { isCassette } from "./lines.ts"

const packed = /\.(gz|gzip|zst|zstd)$/i
/** Names that an export may have; those of formats that are not read yet are among them, so that they are named rather than passed over. */
const exports = /\.(jsonl?|ndjson|log|har|eval|traj|db|sqlite3?|vscdb|parquet|ya?ml|csv|zip|sse)$/i
/** What rotation and copying put behind a name: `.1`, `.2025-10-10`, `.bak`, `~`. */
const rotated = /(?:[._-]\d+|\.(?:bak|backup|old|orig)|~)+$/i

/** Endings of files that hold no log: they are not opened. */
const foreign = new Set(
  [
    "c cc cpp h hpp cs java kt go rs py pyc pyi rb php pl swift scala lua js mjs cjs jsx ts tsx mts cts vue svelte",
    "css scss less html htm xml xsl svg map sql sh bash zsh fish ps1 bat cmd toml ini cfg conf lock gradle tf proto",
    "graphql wasm class jar so dll dylib o obj exe png jpg jpeg gif webp ico bmp tif tiff heic psd ttf otf woff woff2",
    "eot mp3 mp4 mov avi mkv wav flac ogg webm m4a pdf doc docx xls xlsx ppt pptx odt ods epub tar tgz bz2 xz 7z rar",
    "dmg iso whl egg deb rpm apk safetensors pt pth onnx gguf npy npz pkl h5 tflite ckpt ipynb"
  ].flatMap((line) => line.split(" ").map((ending) => `.${ending}`))
)

/** Whether a file in a folder, or in a ZIP, is read by its name alone; one that nobody reads is a skip then. */
export const mayBeExport = (name: string): boolean =>
  [name, name.replace(rotated, "")].some((one) => packed.test(one) || exports.test(one))

/** Whether a file of that name holds no log, whatever is in it. */
export const isForeignName = (name: string): boolean => foreign.has(extname(name).toLowerCase())

/** Bytes at a file's start that tell whether it may hold records. */
export const lookSize = 4096

/** Whether a file that begins so may hold records: JSON, a cassette, or something packed. */
export const mayHoldRecords = (head: Buffer): boolean => {
  if (packingOf(head) !== undefined) return true
  const text = head.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "")
  return /^\s*(?:\{\s*["}]|\[\s*[[{"])/.test(text) || isCassette(text)
}

/** A file's first bytes. A folder may hold a hundred thousand files: read one after the other at once, it takes a third of the time. */
const headOf = (file: string): Buffer => {
  const handle = openSync(file, "r")
  try {
    const head = Buffer.allocUnsafe(lookSize)
    return head.subarray(0, readSync(handle, head, 0, lookSize, 0))
  } finally {
    closeSync(handle)
  }
}

/** What the files of folders begin with, told again without opening them where they have not changed. */
export class Looks {
  readonly #known = new Map<string, { readonly bytes: number; readonly mtimeMs: number; readonly holds: boolean }>()

  /** Whether a file may hold records, by its first bytes; true of one that cannot be opened, for whoever reads it says why. */
  mayHold(file: string): boolean {
    try {
      const { mtimeMs, size } = statSync(file)
      const known = this.#known.get(file)
      if (known?.bytes === size && known.mtimeMs === mtimeMs) return known.holds
      const holds = mayHoldRecords(headOf(file))
      this.#known.set(file, { bytes: size, mtimeMs, holds })
      return holds
    } catch {
      return true
    }
  }
}
