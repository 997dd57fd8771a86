import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { askApiServer, freePort, tempDir } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';
import { describe, expect, it } from 'vitest';
import { startSimHost } from './sim-host.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const made = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

/** Asks without credentials, with a name in TLS or in the request. */
function knock(
  { url, caPem }: Pick<ApiServerAccess, 'url' | 'caPem'>,
  { servername = '', host }: { readonly servername?: string; readonly host?: string },
): Promise<number> {
  const headers = host === undefined ? {} : { host };
  return new Promise((resolve, reject) => {
    request(new URL('/version', url), { ca: caPem, servername, headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

async function names(access: ApiServerAccess): Promise<string[]> {
  const { text } = await askApiServer(access, 'GET', maps);
  const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

/** Makes a service account. @returns a token of it. */
async function tokenOfAccount(access: ApiServerAccess): Promise<string> {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } };
  await askApiServer(access, 'POST', accounts, account);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } };
  const { text } = await askApiServer(access, 'POST', `${accounts}/runner/token`, request);
  return (JSON.parse(text) as { status: { token: string } }).status.token;
}

describe('clusters behind one listener', () => {
  it('have objects of their own', async () => {
    await using host = await startSimHost({ clusters: [{ name: 'eu' }, { name: 'us' }] });
    const [eu, us] = [host.clusters.get('eu')!, host.clusters.get('us')!];
    expect(eu.url).toBe(us.url);
    expect((await askApiServer(eu, 'POST', maps, made('only-here'))).status).toBe(201);
    expect(await names(eu)).toEqual(['only-here']);
    expect(await names(us)).toEqual([]);
  });

  it('are told apart by the name in TLS, or else by the host that is asked for', async () => {
    await using host = await startSimHost({ clusters: [{ name: 'eu' }] });
    const eu = host.clusters.get('eu')!;
    expect(await knock(eu, { servername: 'eu.localhost' })).toBe(200);
    expect(await knock(eu, { host: `eu.localhost:${String(host.port)}` })).toBe(200);
    await expect(knock(eu, { servername: 'us.localhost' })).rejects.toThrow('altnames');
    expect(await knock(eu, {})).toBe(404);
  });

  it('do not take the tokens of each other', async () => {
    await using host = await startSimHost({ clusters: [{ name: 'eu' }, { name: 'us', port: 0 }] });
    const [eu, us] = [host.clusters.get('eu')!, host.clusters.get('us')!];
    expect(us.url).not.toBe(eu.url);
    expect((await askApiServer(us, 'GET', maps)).status).toBe(200);
    expect(await knock(us, { servername: us.serverName })).toBe(200);
    expect((await askApiServer({ ...us, token: eu.token }, 'GET', maps)).status).toBe(401);
  });

  it('have names of their own when they come at once, and leave their ports when they do not come', async () => {
    await using host = await startSimHost();
    const port = await freePort();
    const came = await Promise.allSettled([
      host.add({ name: 'eu', port }),
      host.add({ name: 'eu', port: 0 }),
    ]);
    expect(came.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(host.clusters.get('eu')?.url).toContain(String(port));
    await using dir = await tempDir('sim-host');
    mkdirSync(join(dir.path, 'clusters', 'us'), { recursive: true });
    writeFileSync(join(dir.path, 'clusters', 'us', 'journal.jsonl'), 'no change\n');
    await using durable = await startSimHost({ dir: dir.path });
    const free = await freePort();
    const broken = durable.add({ name: 'us', durable: true, port: free });
    await expect(broken).rejects.toThrow('journal.jsonl:1 is no change of a cluster');
    await expect(durable.add({ name: 'asia', port: free })).resolves.toMatchObject({ name: 'asia' });
  });

  it('come and go while the others are served', async () => {
    await using host = await startSimHost({ clusters: [{ name: 'eu' }] });
    const us = await host.add({ name: 'us' });
    await expect(host.add({ name: 'us' })).rejects.toThrow('there is a cluster called us already');
    await expect(host.add({ name: 'Not_a.label' })).rejects.toThrow('no DNS label');
    const watching = askApiServer(us, 'GET', `${maps}?watch=true`);
    watching.catch(() => undefined);
    await askApiServer(us, 'GET', maps);
    await host.remove('us');
    await expect(watching).rejects.toThrow();
    expect((await askApiServer(us, 'GET', maps)).status).toBe(404);
    expect((await askApiServer(host.clusters.get('eu')!, 'GET', maps)).status).toBe(200);
  });

  it('meet faults each for itself', async () => {
    await using host = await startSimHost({ clusters: [{ name: 'eu' }, { name: 'us' }] });
    const [eu, us] = [host.clusters.get('eu')!, host.clusters.get('us')!];
    eu.faults.add({ fault: { kind: 'refuse', code: 503 } });
    expect((await askApiServer(eu, 'GET', maps)).status).toBe(503);
    expect((await askApiServer(us, 'GET', maps)).status).toBe(200);
  });

  it('are the same after a start in the same folder, when they are kept', async () => {
    await using dir = await tempDir('sim-host');
    const clusters = [{ name: 'kept', durable: true, port: 0 }, { name: 'new' }];
    let before: ApiServerAccess;
    let account = '';
    {
      await using host = await startSimHost({ dir: dir.path, clusters });
      before = host.clusters.get('kept')!;
      await askApiServer(before, 'POST', maps, made('kept'));
      await askApiServer(host.clusters.get('new')!, 'POST', maps, made('lost'));
      account = await tokenOfAccount(before);
    }
    await using host = await startSimHost({ dir: dir.path, clusters });
    const kept = host.clusters.get('kept')!;
    expect(kept).toMatchObject({ token: before.token, caPem: before.caPem });
    expect(await names(kept)).toEqual(['kept']);
    expect(await names({ ...kept, token: account })).toEqual(['kept']);
    expect(await names(host.clusters.get('new')!)).toEqual([]);
    expect(kept.kubeconfigText).toContain('tls-server-name: kept.localhost');
  });
});
