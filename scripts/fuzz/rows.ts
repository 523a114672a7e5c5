/** A file of one format, as its program writes it: made up, small, whole. */
export interface Seed {
  readonly name: string
  readonly text: string
}

const lines = (...rows: ReadonlyArray<unknown>) => rows.map((row) => `${JSON.stringify(row)}\n`).join("")

const chat = {
  request: {
    model: "gpt-4o",
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } }
        ]
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c0", type: "function", function: { name: "look", arguments: "{}" } }]
      },
      { role: "tool", tool_call_id: "c0", content: "a cat" }
    ],
    tools: [
      { type: "function", function: { name: "look", parameters: { type: "object", properties: {} }, strict: true } }
    ],
    tool_choice: "auto",
    temperature: 0.2,
    max_completion_tokens: 500,
    response_format: { type: "json_schema", json_schema: { name: "out", schema: { type: "object" } } }
  },
  response: {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1785578400,
    model: "gpt-4o-2024-08-06",
    choices: [
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"q":"x"}' } }]
        }
      }
    ],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 4 }
    }
  }
}

const responses = {
  request: {
    model: "gpt-5.2",
    instructions: "Be brief.",
    input: [{ role: "user", content: [{ type: "input_text", text: "hi" }] }],
    reasoning: { effort: "low" },
    tools: [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }]
  },
  response: {
    id: "resp_1",
    object: "response",
    created_at: 1785578400,
    status: "completed",
    model: "gpt-5.2-2026-01-01",
    output: [
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "Hello" }] }
    ],
    usage: { input_tokens: 50, output_tokens: 30, output_tokens_details: { reasoning_tokens: 20 }, total_tokens: 80 }
  }
}

const messages = {
  request: {
    model: "claude-opus-4-6",
    max_tokens: 4096,
    system: [{ type: "text", text: "You are brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
    messages: [
      { role: "user", content: "list files" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "use ls", signature: "Eq" },
          { type: "tool_use", id: "t1", name: "bash", input: { cmd: "ls" } }
        ]
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: "a.txt" },
          { type: "text", text: "go on" }
        ]
      }
    ],
    tools: [{ name: "bash", input_schema: { type: "object", properties: { cmd: { type: "string" } } } }]
  },
  response: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-6",
    content: [{ type: "text", text: "One file." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, cache_creation_input_tokens: 300, cache_read_input_tokens: 2000, output_tokens: 8 }
  }
}

const ollama = {
  request: { model: "llama3", messages: [{ role: "user", content: "hi" }], options: { num_ctx: 8192 }, stream: false },
  response: {
    model: "llama3",
    created_at: "2026-08-01T10:00:00Z",
    message: { role: "assistant", content: "hello" },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 8,
    eval_count: 2
  }
}

const stream = [
  { type: "message_start", message: { ...messages.response, content: [], stop_reason: null } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } },
  { type: "message_stop" }
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join("")

const session = {
  isSidechain: false,
  sessionId: "s1",
  version: "2.1.150",
  cwd: "/w/app",
  timestamp: "2026-08-01T10:00:00Z"
}
const used = { input_tokens: 3, cache_read_input_tokens: 100, output_tokens: 20 }
const said = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-4-6", usage: used }

const token = (total: number) => {
  const usage = { input_tokens: total, cached_input_tokens: 0, output_tokens: 12, total_tokens: total + 12 }
  return { type: "token_count", info: { total_token_usage: usage, last_token_usage: usage } }
}
const codex = (type: string, payload: unknown) => ({ timestamp: "2026-08-02T09:00:00.000Z", type, payload })

const attribute = (key: string, value: unknown) => ({ key, value })
const run = {
  id: "r1",
  trace_id: "r0",
  parent_run_id: "r0",
  dotted_order: "20260801T100000000000Zr0.20260801T100000100000Zr1",
  session_id: "proj",
  name: "ChatOpenAI",
  run_type: "llm",
  start_time: "2026-08-01T10:00:00.100",
  end_time: "2026-08-01T10:00:02.100",
  inputs: {
    messages: [
      [{ lc: 1, type: "constructor", id: ["langchain", "HumanMessage"], kwargs: { content: "hi", type: "human" } }]
    ]
  },
  outputs: {
    generations: [
      [{ text: "hello", message: { lc: 1, type: "constructor", id: ["x", "AIMessage"], kwargs: { content: "hello" } } }]
    ]
  },
  extra: { invocation_params: { model: "gpt-4o", temperature: 0.2 }, metadata: { ls_provider: "openai" } },
  prompt_tokens: 8,
  completion_tokens: 1
}

/** A file of each format that is read. */
export const seeds: ReadonlyArray<Seed> = [
  {
    name: "pairs.jsonl",
    text: lines(
      {
        id: "p1",
        user: "ana",
        session: "s",
        created_at: "2026-08-01T10:00:00Z",
        latency_ms: 800,
        cost_usd: "0.01",
        ...chat
      },
      { id: "p2", ...responses },
      { id: "p3", metadata: { team: "a" }, ...messages },
      { id: "p4", ...ollama },
      { id: "p5", request: messages.request, response: stream },
      { id: "p6", request: chat.request, response: null, error: { message: "down", code: 500 } }
    )
  },
  {
    name: "litellm.jsonl",
    text: lines(
      {
        id: "c1",
        trace_id: "t",
        call_type: "acompletion",
        status: "success",
        custom_llm_provider: "openai",
        response_cost: 0.0123,
        startTime: 1785578400.28,
        endTime: 1785578402.07,
        model: "gpt-4o",
        metadata: { user_api_key_user_id: "ana", spend_logs_metadata: { task: "triage" } },
        request_tags: ["triage"],
        messages: chat.request.messages,
        response: chat.response,
        model_parameters: { temperature: 0.1, tools: chat.request.tools }
      },
      {
        request_id: "c2",
        call_type: "acompletion",
        spend: 0.1,
        model: "gpt-4o",
        prompt_tokens: 5,
        completion_tokens: 2,
        startTime: "2026-08-01 10:00:00"
      }
    )
  },
  {
    name: "projects/app/s1.jsonl",
    text: lines(
      { type: "summary", summary: "Fix a test", leafUuid: "a2" },
      { ...session, type: "user", uuid: "u1", parentUuid: null, message: { role: "user", content: "fix it" } },
      {
        ...session,
        type: "assistant",
        uuid: "a1",
        parentUuid: "u1",
        requestId: "r1",
        message: { ...said, content: [{ type: "text", text: "I look." }] }
      },
      {
        ...session,
        type: "assistant",
        uuid: "a2",
        parentUuid: "a1",
        requestId: "r1",
        message: { ...said, content: [{ type: "tool_use", id: "t1", name: "Read", input: { path: "a" } }] }
      },
      {
        ...session,
        type: "user",
        uuid: "u2",
        parentUuid: "a2",
        toolUseResult: { type: "text" },
        message: { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "x" }] }
      },
      {
        ...session,
        type: "system",
        subtype: "compact_boundary",
        uuid: "c1",
        parentUuid: "u2",
        logicalParentUuid: "u2"
      },
      {
        ...session,
        type: "user",
        uuid: "u3",
        parentUuid: "c1",
        isCompactSummary: true,
        message: { role: "user", content: "before: …" }
      },
      {
        ...session,
        type: "assistant",
        uuid: "a3",
        parentUuid: "u3",
        message: { ...said, id: "msg_2", content: [{ type: "text", text: "Done." }] }
      }
    )
  },
  {
    name: "rollout-2026-08-02T09-00-00-0199-aaaa.jsonl",
    text: lines(
      codex("session_meta", {
        id: "0199-aaaa",
        cwd: "/w",
        cli_version: "0.144.1",
        base_instructions: { text: "You are Codex" },
        dynamic_tools: []
      }),
      codex("turn_context", { turn_id: "t1", model: "gpt-5.3-codex", effort: "high" }),
      codex("response_item", {
        type: "message",
        role: "user",
        content: [{ type: "input_text", text: "run the tests" }]
      }),
      codex("response_item", {
        type: "reasoning",
        id: "rs",
        summary: [{ type: "summary_text", text: "Plan" }],
        encrypted_content: "g"
      }),
      codex("response_item", { type: "function_call", name: "exec", call_id: "c1", arguments: '{"cmd":"npm test"}' }),
      codex("event_msg", token(9000)),
      codex("response_item", { type: "function_call_output", call_id: "c1", output: '{"output":"ok"}' }),
      codex("compacted", { message: "summary", replacement_history: [{ type: "message", role: "user", content: [] }] }),
      codex("response_item", {
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text: "Green." }]
      }),
      codex("event_msg", token(9500))
    )
  },
  {
    name: "batch.jsonl",
    text: lines(
      { custom_id: "t-1", method: "POST", url: "/v1/chat/completions", body: chat.request },
      { id: "b1", custom_id: "t-1", response: { status_code: 200, request_id: "r", body: chat.response }, error: null },
      { custom_id: "t-2", params: messages.request },
      { custom_id: "t-2", result: { type: "succeeded", message: messages.response } }
    )
  },
  {
    name: "langfuse.jsonl",
    text: lines(
      {
        id: "o1",
        trace_id: "t1",
        type: "GENERATION",
        start_time: "2026-08-01 10:00:00.000",
        end_time: "2026-08-01 10:00:02.100",
        input: JSON.stringify(chat.request.messages),
        output: '{"role":"assistant","content":"hello"}',
        provided_model_name: "gpt-4o",
        model_parameters: '{"temperature":0.2}',
        usage_details: { input: 36, input_cached_tokens: 64, output: 20, total: 120 },
        cost_details: { total: 0.00029 },
        metadata: { team: "payments" }
      },
      {
        id: "sc1",
        trace_id: "t1",
        observation_id: "o1",
        name: "feedback",
        value: 1,
        data_type: "BOOLEAN",
        source: "API"
      }
    )
  },
  {
    name: "spans.jsonl",
    text: lines({
      resourceSpans: [
        {
          resource: { attributes: [attribute("service.name", { stringValue: "triage" })] },
          scopeSpans: [
            {
              scope: { name: "opentelemetry.instrumentation.openai_v2" },
              spans: [
                {
                  traceId: "0af7651916cd43dd8448eb211c80319c",
                  spanId: "b7ad6b7169203331",
                  name: "chat gpt-4o",
                  kind: 3,
                  startTimeUnixNano: "1785578400000000000",
                  endTimeUnixNano: "1785578402000000000",
                  attributes: [
                    attribute("gen_ai.operation.name", { stringValue: "chat" }),
                    attribute("gen_ai.request.model", { stringValue: "gpt-4o" }),
                    attribute("gen_ai.usage.input_tokens", { intValue: "100" }),
                    attribute("gen_ai.usage.output_tokens", { intValue: "20" }),
                    attribute("gen_ai.input.messages", {
                      stringValue: '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]'
                    }),
                    attribute("gen_ai.output.messages", {
                      stringValue:
                        '[{"role":"assistant","parts":[{"type":"text","content":"hello"}],"finish_reason":"stop"}]'
                    })
                  ]
                }
              ]
            }
          ]
        }
      ]
    })
  },
  {
    name: "langsmith.json",
    text: JSON.stringify({ post: [run], patch: [{ id: "r1", trace_id: "r0", outputs: run.outputs }] }, null, 1)
  },
  {
    name: "inspect.json",
    text: JSON.stringify(
      {
        version: 2,
        status: "success",
        eval: { eval_id: "e", task: "t", model: "openai/gpt-4o" },
        plan: {},
        samples: [
          {
            id: 1,
            epoch: 1,
            messages: [],
            scores: { match: { value: "C" } },
            events: [
              {
                event: "model",
                model: "openai/gpt-4o",
                input: [{ role: "user", content: "hi" }],
                tools: [],
                tool_choice: "auto",
                config: { temperature: 0 },
                output: {
                  choices: [{ message: { role: "assistant", content: "yes" }, stop_reason: "stop" }],
                  usage: used
                }
              }
            ]
          }
        ]
      },
      null,
      1
    )
  },
  {
    name: "gpt-4o-airline.json",
    text: JSON.stringify([
      {
        task_id: 0,
        reward: 1,
        trial: 0,
        info: { task: { user_id: "u" } },
        traj: [...chat.request.messages, { role: "assistant", content: "done" }]
      }
    ])
  },
  {
    name: "instance.traj",
    text: JSON.stringify(
      {
        trajectory: [{ action: "ls", observation: "a", response: "I list\n```\nls\n```", thought: "I list" }],
        history: [
          { role: "system", content: "Solve it.", agent: "main" },
          { role: "user", content: "the issue" },
          { role: "assistant", content: "I list\n```\nls\n```", action: "ls", agent: "main" },
          { role: "user", content: "a" }
        ],
        info: {
          model_stats: { instance_cost: 0.1, tokens_sent: 10, tokens_received: 5, api_calls: 1 },
          exit_status: "submitted"
        }
      },
      null,
      1
    )
  },
  {
    name: "capture.har",
    text: JSON.stringify(
      {
        log: {
          version: "1.2",
          entries: [
            {
              startedDateTime: "2026-08-01T10:00:00.000Z",
              time: 2100,
              timings: { send: 1, wait: 400, receive: 1699 },
              request: {
                method: "POST",
                url: "https://api.anthropic.com/v1/messages",
                headers: [{ name: "x-api-key", value: "k" }],
                postData: { mimeType: "application/json", text: JSON.stringify({ ...messages.request, stream: true }) }
              },
              response: { status: 200, headers: [], content: { mimeType: "text/event-stream", text: stream } }
            }
          ]
        }
      },
      null,
      1
    )
  },
  {
    name: "cassette.yaml",
    text: `interactions:\n- request:\n    body: '${JSON.stringify(chat.request)}'\n    method: POST\n    uri: https://api.openai.com/v1/chat/completions\n  response:\n    body:\n      string: '${JSON.stringify(chat.response)}'\n    status:\n      code: 200\nversion: 1\n`
  },
  {
    name: "trace.jsonl",
    text: lines({
      request: {
        timestamp: 1785578400,
        method: "POST",
        url: "https://api.anthropic.com/v1/messages",
        headers: {},
        body: messages.request
      },
      response: { timestamp: 1785578402, status_code: 200, headers: {}, body: messages.response },
      logged_at: "2026-08-01T10:00:02Z"
    })
  }
]
