/** OpenAI's Responses, both ways. */
export { readRequest, readResponse, requestOfResponse } from "./openaiResponses/read.ts"
export { Assembly, assemble } from "./openaiResponses/stream.ts"
export { writeRequest } from "./openaiResponses/write.ts"
