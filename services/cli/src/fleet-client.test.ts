import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { apiError, reply, startFakeHub } from './testing/fake-hub.ts';
import { clusters } from './testing/fixtures.ts';
import { runCommand } from './testing/run.ts';

const answers = { '/v1/clusters': clusters };

test('a wrong token exits 4 and names the way out', async () => {
  await using hub = await startFakeHub(answers);
  const { code, stderr } = await runCommand(['clusters'], { hubs: [hub.url], token: 'wrong' });
  expect(code).toBe(4);
  expect(stderr).toContain('this token is not known');
  expect(stderr).toContain('fix: check the token file');
  expect(stderr).not.toContain('wrong\n');
});

test('the next hub is asked when one is unavailable, hangs, or is another program', async () => {
  await using good = await startFakeHub(answers);
  await using unavailable = await startFakeHub({
    '/v1/clusters': (_request, response) => reply(response, 503, apiError('unavailable', 'starting')),
  });
  await using hanging = await startFakeHub({ '/v1/clusters': () => undefined });
  await using garbage = await startFakeHub({
    '/v1/clusters': (_request, response) => void response.end('<html>hello'),
  });
  await using other = await startFakeHub({ '/v1/clusters': { hello: 'world' } });
  const hubs = ['http://127.0.0.1:1', unavailable.url, hanging.url, garbage.url, other.url, good.url];
  const { code, stdout } = await runCommand(['--timeout-ms', '300', 'clusters', '-o', 'json'], { hubs });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(clusters);
});

test('exit 3 tells for every hub why it does not answer', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await using hanging = await startFakeHub({ '/v1/clusters': () => undefined });
  await using garbage = await startFakeHub({
    '/v1/clusters': (_request, response) => void response.end('<html>'),
  });
  const refused = `http://127.0.0.1:${port}`;
  const { code, stderr, stdout } = await runCommand(['--timeout-ms', '200', 'clusters'], {
    hubs: [refused, hanging.url, garbage.url],
  });
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain(`${refused}: refuses the connection`);
  expect(stderr).toContain(`${hanging.url}: does not answer within 200 ms`);
  expect(stderr).toContain(`${garbage.url}: answers with something that is not JSON`);
  expect(stderr).toContain('fix: is the fleet running?');
});

test('an answer that stops half way counts as no answer', async () => {
  await using hub = await startFakeHub({
    '/v1/clusters': (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{');
      setTimeout(() => response.destroy(), 20);
    },
  });
  expect((await runCommand(['clusters'], { hubs: [hub.url] })).code).toBe(3);
});

test('a redirect is not followed: the token must not travel', async () => {
  await using target = await startFakeHub(answers);
  await using hub = await startFakeHub({
    '/v1/clusters': (_request, response) =>
      void response.writeHead(302, { location: `${target.url}/v1/clusters` }).end(),
  });
  expect((await runCommand(['clusters'], { hubs: [hub.url] })).code).toBe(3);
  expect(target.asked).toEqual([]);
});
