import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { Agent } from 'node:https';

/** Access to one API server with the token of a sandbox kubeconfig. */
export interface ApiServer {
  readonly url: string;
  readonly token: string;
  readonly agent: Agent;
}

/** Reads the server, authority and token of a kubeconfig that the sandbox wrote. Throws when it has none of them. */
export function apiServerOf(kubeconfig: string): ApiServer {
  const text = readFileSync(kubeconfig, 'utf8');
  const field = (name: string) => {
    const value = new RegExp(`["']?${name}["']?:\\s*["']?([^"'\\s,}]+)`).exec(text)?.[1];
    if (value === undefined) throw new Error(`${kubeconfig} has no ${name}`);
    return value;
  };
  const authority = Buffer.from(field('certificate-authority-data'), 'base64');
  return {
    url: field('server'),
    token: field('token'),
    agent: new Agent({ ca: authority, keepAlive: true }),
  };
}

/** Sends one request and gives its JSON answer. Throws on any status but 2xx. */
export async function send(
  server: ApiServer,
  method: string,
  path: string,
  body?: { type: string; text: string },
): Promise<unknown> {
  return JSON.parse(await sendText(server, method, path, body)) as unknown;
}

/** As `send`, for an answer that is no JSON. */
export function sendText(
  server: ApiServer,
  method: string,
  path: string,
  body?: { type: string; text: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${server.url}${path}`,
      {
        method,
        agent: server.agent,
        headers: { authorization: `Bearer ${server.token}`, ...(body ? { 'content-type': body.type } : {}) },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => {
          if ((answer.statusCode ?? 500) >= 300)
            reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`));
          else resolve(text);
        });
      },
    );
    call.on('error', reject);
    call.end(body?.text);
  });
}

/**
 * Calls `seen` with each object that a watch of `path` delivers, until `signal` aborts. Resolves when the watch is open. An API
 * server that is busy ends watches that are slow: then it is opened again, and tells everything that is there once more.
 */
export function watchObjects(
  server: ApiServer,
  path: string,
  seen: (object: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${server.url}${path}`,
      { agent: server.agent, signal, headers: { authorization: `Bearer ${server.token}` } },
      (answer) => {
        resolve();
        let held = '';
        answer.on('data', (chunk: Buffer) => {
          const lines = (held + chunk.toString()).split('\n');
          held = lines.pop() ?? '';
          for (const line of lines) if (line !== '') seen((JSON.parse(line) as { object: unknown }).object);
        });
        answer.on('error', () => undefined);
        answer.on('close', () => {
          if (!signal.aborted) watchObjects(server, path, seen, signal).catch(() => undefined);
        });
      },
    );
    call.on('error', (error) => (signal.aborted ? undefined : reject(error)));
    call.end();
  });
}
