import { describe, expect, it } from 'vitest';
import { usePlane } from '../testing/plane.ts';
import { configMap, createHandHub, startTestAgent } from '../testing/rig.ts';

const plane = usePlane('sight');

describe('an agent whose API server is away', () => {
  it('reports Unknown by itself, touches nothing, and is Healthy again when the server is back', async () => {
    const hub = createHandHub('sight', 'ml');
    await using agent = await startTestAgent({
      cluster: 'sight',
      kubeconfig: plane.control.kubeconfig,
      dataDir: `${plane.dir}/data`,
      stateNamespace: 'state',
      publicKey: hub.publicKey,
    });
    const isDone = ({ sync, health }: { sync: string; health: string }) =>
      sync === 'Synced' && health === 'Healthy';
    await agent.give('web', hub.sign('web', [configMap('settings')]));
    await agent.reaches('web', 'is done', isDone);
    await plane.control.crash('kube-apiserver');
    await agent.reaches('web', 'is reported as Unknown', () => agent.reports.at(-1)?.health === 'Unknown');
    expect(agent.reports.at(-1)?.message).toContain('the API server has not been seen since 2');
    await plane.control.restart('kube-apiserver');
    await agent.reaches('web', 'is reported as Healthy', () => agent.reports.at(-1)?.health === 'Healthy');
    // A state that could not be saved while the server was away is told until it is saved again.
    await agent.reaches('web', 'has nothing left to tell', ({ message }) => message === '');
    expect(agent.status('web')).toMatchObject({ sync: 'Synced', health: 'Healthy', message: '', drift: [] });
  });
});
