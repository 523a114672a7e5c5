/** Ollama's chat, both ways. */
export { readRequest, readResponse } from "./ollamaChat/read.ts"
export { Assembly, assemble } from "./ollamaChat/stream.ts"
export { writeRequest } from "./ollamaChat/write.ts"
