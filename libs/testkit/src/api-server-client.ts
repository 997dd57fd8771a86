import { request } from 'node:https';

/** How to reach an API server. */
export interface ApiServerAccess {
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
}

/** Sends one JSON request and gives status and text. Rejects when the server cannot be reached within five seconds. */
export async function askApiServer(
  access: ApiServerAccess,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' };
    const asked = request(
      new URL(path, access.url),
      { method, ca: access.caPem, headers, agent: false, timeout: 5_000 },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.once('error', reject);
      },
    );
    asked.once('timeout', () => asked.destroy(new Error(`${access.url} did not answer within 5 s`)));
    asked.once('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Whether the API server says that it is ready; a server that does not answer is not. */
export async function isApiServerReady(access: ApiServerAccess): Promise<boolean> {
  try {
    return (await askApiServer(access, 'GET', '/readyz')).status === 200;
  } catch {
    return false;
  }
}
