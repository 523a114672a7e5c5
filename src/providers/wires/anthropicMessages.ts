/** Anthropic's messages, both ways. */
export { readRequest, readResponse } from "./anthropicMessages/read.ts"
export { Assembly, assemble } from "./anthropicMessages/stream.ts"
export { writeRequest } from "./anthropicMessages/write.ts"
