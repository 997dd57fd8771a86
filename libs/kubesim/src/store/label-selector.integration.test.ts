import { request } from 'node:https';
import { startControlPlane, tempDir } from '@meridian/testkit';
import type { ControlPlane, TempDir } from '@meridian/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

let dir: TempDir;
let server: ControlPlane;

beforeAll(async () => {
  dir = await tempDir('label-selector');
  server = await startControlPlane({ name: 'selectors', dir: dir.path, durable: false, minimal: true });
});

afterAll(async () => {
  await server.stop();
  await dir[Symbol.asyncDispose]();
});

/** What the real server says to a selector: its refusal, or nothing. */
function realRefusal(selector: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/default/configmaps?labelSelector=${encodeURIComponent(selector)}`;
  const headers = { authorization: `Bearer ${server.token}`, accept: 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, server.url), { ca: server.caPem, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const status = JSON.parse(text) as { message?: string };
        resolve(answer.statusCode === 200 ? undefined : status.message);
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}

const pieces = [
  'a',
  'b/c',
  'in',
  'notin',
  '=',
  '==',
  '!=',
  '!',
  '>',
  '<',
  '(',
  ')',
  ',',
  ' ',
  '7',
  '-x',
  '',
  'A b',
];

it('takes and refuses what the real server does, in its words', { timeout: 120_000 }, async () => {
  const selector = fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(selector, async (text) => {
      const parsed = parseLabelSelector(text);
      expect(parsed.ok ? undefined : parsed.message).toBe(await realRefusal(text));
    }),
    { numRuns: 1_500, seed: 7 },
  );
});
