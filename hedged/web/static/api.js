// The daemon's API: the token is asked for once, and forgotten with the tab.

const KEY = "hedged-token";

export const token = () => sessionStorage.getItem(KEY);
export const keep = (secret) => sessionStorage.setItem(KEY, secret);
export const forget = () => sessionStorage.removeItem(KEY);

const headers = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function checked(answer) {
  if (answer.ok) return answer;
  let message = `the daemon answered ${answer.status}`;
  try {
    message = (await answer.json()).error ?? message;
  } catch { /* no JSON: the status has to do */ }
  throw new Refused(answer.status, message);
}

export async function get(path) {
  return (await checked(await fetch(`/api/v1/${path}`, { headers: headers() }))).json();
}

export async function tell(verb, why) {
  const answer = await fetch(`/api/v1/${verb}`, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/json" },
    body: JSON.stringify(why ? { why } : {}),
  });
  return (await (await checked(answer)).json()).said;
}

// The status at each change. EventSource could not send a token, so the stream is read by hand.
export async function* statuses() {
  const answer = await checked(await fetch("/api/v1/events", { headers: headers() }));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const frames = text.split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      const data = frame.split("\n").filter((line) => line.startsWith("data: "));
      yield data.length ? JSON.parse(data.map((line) => line.slice(6)).join("\n")) : null;
    }
  }
}
