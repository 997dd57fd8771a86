import { createNodes, waitForNodes } from '@meridian/testkit';
import type { ControlPlane, ControlPlaneOptions } from '@meridian/testkit';
import { startSimServer } from './sim-server.ts';
import type { SimServer } from './sim-server.ts';

/** What tests use of a control plane, real or simulated. */
export type TestControlPlane = Pick<
  ControlPlane,
  'name' | 'kubeconfig' | 'url' | 'token' | 'caPem' | 'crash' | 'restart' | 'stop'
>;

/**
 * Starts a simulated cluster that tests can use as they use a real control plane, so that one test proves both. It is one process
 * with the test: whatever program is crashed or started again, it is the whole cluster, which goes on from its journal.
 */
export async function startSimPlane(
  options: Pick<ControlPlaneOptions, 'name' | 'dir' | 'nodes' | 'minimal'>,
): Promise<TestControlPlane> {
  const { name, dir, nodes = [], minimal = false } = options;
  const start = () => startSimServer({ name, dir, durable: true, controllers: !minimal });
  let server: SimServer | undefined = await start();
  const { url, token, caPem, kubeconfig } = server;
  const stop = async () => {
    const running = server;
    server = undefined;
    await running?.[Symbol.asyncDispose]();
  };
  await createNodes({ url, token, caPem }, nodes);
  await waitForNodes({ url, token, caPem }, nodes, AbortSignal.timeout(30_000));
  return {
    ...{ name, url, token, caPem, kubeconfig },
    crash: stop,
    async restart() {
      await stop();
      server = await start();
    },
    stop,
  };
}
