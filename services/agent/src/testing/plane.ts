import type { Kube } from '@meridian/kube';
import { startSimPlane } from '@meridian/kubesim';
import type { TestControlPlane } from '@meridian/kubesim';
import { controlPlaneParts, ensureParts, startControlPlane, tempDir } from '@meridian/testkit';
import type { ControlPlaneOptions, TempDir } from '@meridian/testkit';
import { afterAll, beforeAll, inject } from 'vitest';
import { connectTestKube } from './rig.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Which clusters the tests run on; each project of the configuration names one kind. */
    kube: 'sim' | 'real';
  }
}

/** The control plane of one test file; what it gives is there from `beforeAll` on. */
export interface TestPlane {
  /** Folder of the file, removed at its end. */
  readonly dir: string;
  readonly control: TestControlPlane;
  /** A client with every right, to look at and to disturb the cluster. */
  readonly kube: Kube;
}

/** Starts a control plane for all tests of a file, of the kind that the project names, and stops it after them. */
export function usePlane(
  name: string,
  options: Pick<ControlPlaneOptions, 'minimal' | 'nodes'> = { minimal: true },
): TestPlane {
  let dir: TempDir | undefined;
  let control: TestControlPlane | undefined;
  let kube: Kube | undefined;
  beforeAll(async () => {
    dir = await tempDir(`agent-${name}`);
    const asked = { ...options, name, dir: dir.path };
    control = inject('kube') === 'sim' ? await startSimPlane(asked) : await startReal(asked);
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

async function startReal(options: ControlPlaneOptions): Promise<TestControlPlane> {
  await ensureParts(options.minimal === true ? ['etcd', 'kube-apiserver'] : [...controlPlaneParts]);
  return startControlPlane({ ...options, durable: false });
}
