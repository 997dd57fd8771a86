import { rm } from 'node:fs/promises';
import type { ApplicationStatus, Assignment } from '@meridian/fleet';
import type { Kube } from '@meridian/kube';
import type { KubeObject } from '@meridian/manifests';
import type { TestPlane } from './plane.ts';
import { createHandHub, startTestAgent } from './rig.ts';
import type { HandHub, TestAgent, TestAgentOptions } from './rig.ts';

/** One agent with a hub in the hands of the test, in a namespace of its own. */
export interface World extends AsyncDisposable {
  readonly hub: HandHub;
  readonly namespace: string;
  readonly dataDir: string;
  agent: TestAgent;
  /** Stops the agent and starts another, on the same disk or without it, and told of other accounts. */
  restart(options?: RestartOptions): Promise<void>;
  live(kind: string, name: string, apiVersion?: string): ReturnType<Kube['get']>;
}

type AgentChoices = Pick<
  TestAgentOptions,
  | 'ageKeysDir'
  | 'serviceAccount'
  | 'allowedAccounts'
  | 'clock'
  | 'outbox'
  | 'limits'
  | 'wrap'
  | 'metricSources'
>;

type RestartOptions = AgentChoices & { readonly withoutDisk?: boolean };

let count = 0;

/** Starts a world on a control plane. */
export async function startWorld(plane: TestPlane, more: AgentChoices = {}): Promise<World> {
  count += 1;
  const namespace = `test-${count}`;
  const dataDir = `${plane.dir}/data-${count}`;
  const hub = createHandHub('one', namespace);
  const start = (accounts: AgentChoices = {}) =>
    startTestAgent({
      ...more,
      ...accounts,
      cluster: 'one',
      kubeconfig: plane.control.kubeconfig,
      dataDir,
      stateNamespace: `${namespace}-state`,
      publicKey: hub.publicKey,
    });
  const { signal } = new AbortController();
  const world: World = {
    hub,
    namespace,
    dataDir,
    agent: await start(),
    async restart({ withoutDisk = false, ...accounts } = {}) {
      await world.agent.stop();
      if (withoutDisk) await rm(dataDir, { recursive: true, force: true });
      world.agent = await start(accounts);
    },
    live: (kind, name, apiVersion = 'v1') => plane.kube.get({ apiVersion, kind, namespace, name }, signal),
    [Symbol.asyncDispose]: () => world.agent.stop(),
  };
  return world;
}

/** An object in the namespace of a world. */
export function inside(object: KubeObject, { namespace }: World): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** Makes the namespace of a world, before the agent does. */
export function makeNamespace({ kube }: TestPlane, { namespace }: World): Promise<unknown> {
  return kube.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager: 'test', signal: new AbortController().signal },
  );
}

/**
 * Gives application `web` of a world these objects, or withdraws it without, and waits until they are in place; also healthy
 * unless `until` says what else is enough.
 */
export async function bring(
  world: World,
  objects: readonly KubeObject[] | undefined,
  changes: Partial<Assignment> = {},
  until: (status: ApplicationStatus) => boolean = isDone,
): Promise<ApplicationStatus> {
  const signed = world.hub.sign('web', objects, changes);
  await world.agent.give('web', signed);
  return world.agent.reaches(
    'web',
    `has generation ${signed.generation}`,
    (status) => status.generation === signed.generation && until(status),
  );
}

/** Whether nothing is left to do. */
export const isDone = (status: { readonly sync: string; readonly health: string }): boolean =>
  status.sync === 'Synced' && status.health === 'Healthy';
