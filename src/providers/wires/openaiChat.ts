/** OpenAI's chat completions, both ways. */
export { readRequest, readResponse } from "./openaiChat/read.ts"
export { Assembly, assemble } from "./openaiChat/stream.ts"
export { writeRequest } from "./openaiChat/write.ts"
