import { admissionScripts } from './admission-scripts.ts';
import { clusterScripts } from './cluster-scripts.ts';
import { deploymentScripts } from './deployment-scripts.ts';
import { jobScripts } from './job-scripts.ts';
import { policyScripts } from './policy-scripts.ts';
import { nodeScripts, schedulingScripts } from './scheduling-scripts.ts';
import type { Script } from './script.ts';
import { setScripts } from './set-scripts.ts';

/** All scripts by what they are about. Those of `nodes` change what the whole cluster has, and are played one at a time. */
export const scripts: Readonly<Record<string, readonly Script[]>> = {
  deployments: deploymentScripts,
  jobs: jobScripts,
  sets: setScripts,
  scheduling: schedulingScripts,
  cluster: clusterScripts,
  policies: policyScripts,
  admission: admissionScripts,
  nodes: nodeScripts,
};
