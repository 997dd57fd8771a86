import type { Kube } from '@meridian/kube';
import { controlPlaneParts, ensureParts, startControlPlane, tempDir } from '@meridian/testkit';
import type { ControlPlane, ControlPlaneOptions, TempDir } from '@meridian/testkit';
import { afterAll, beforeAll } from 'vitest';
import { connectTestKube } from './rig.ts';

/** The control plane of one test file; what it gives is there from `beforeAll` on. */
export interface TestPlane {
  /** Folder of the file, removed at its end. */
  readonly dir: string;
  readonly control: ControlPlane;
  /** A client with every right, to look at and to disturb the cluster. */
  readonly kube: Kube;
}

/** Starts a real control plane for all tests of a file and stops it after them. */
export function usePlane(
  name: string,
  options: Pick<ControlPlaneOptions, 'minimal' | 'nodes'> = { minimal: true },
): TestPlane {
  let dir: TempDir | undefined;
  let control: ControlPlane | undefined;
  let kube: Kube | undefined;
  beforeAll(async () => {
    await ensureParts(options.minimal === true ? ['etcd', 'kube-apiserver'] : [...controlPlaneParts]);
    dir = await tempDir(`agent-${name}`);
    control = await startControlPlane({ ...options, name, dir: dir.path, durable: false });
    kube = await connectTestKube(control.kubeconfig);
  });
  afterAll(async () => {
    kube?.close();
    await control?.stop();
    await dir?.[Symbol.asyncDispose]();
  });
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the control plane is there from beforeAll on');
    return part;
  };
  return {
    get dir() {
      return started(dir).path;
    },
    get control() {
      return started(control);
    },
    get kube() {
      return started(kube);
    },
  };
}
