import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { TestPlane } from './plane.ts';
import { until } from './rig.ts';
import type { World } from './world.ts';

/** Says of a Job of a world what its controller says when it has ended, for planes that have none. Gives the UID of the Job. */
export async function endJob(
  plane: TestPlane,
  world: World,
  { name, type }: { readonly name: string; readonly type: 'Complete' | 'Failed' },
): Promise<string> {
  const job = await until(`there is a Job ${name}`, () => world.live('Job', name, 'batch/v1'));
  await endJobAt(plane, { namespace: world.namespace, name, type });
  return job.metadata.uid ?? '';
}

/** Says it of a Job that is there. */
export async function endJobAt(
  plane: Pick<TestPlane, 'control'>,
  job: { readonly namespace: string; readonly name: string; readonly type: 'Complete' | 'Failed' },
): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${job.namespace}/jobs/${job.name}/status`;
  await setStatus(plane, path, job.type === 'Complete' ? completed() : failed());
}

const nowText = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

function condition(type: string, reason: string, message: string) {
  const now = nowText();
  return { type, status: 'True', reason, message, lastTransitionTime: now, lastProbeTime: now };
}

function completed() {
  const message = 'Reached expected number of succeeded pods';
  return {
    startTime: nowText(),
    completionTime: nowText(),
    succeeded: 1,
    uncountedTerminatedPods: {},
    conditions: ['SuccessCriteriaMet', 'Complete'].map((type) =>
      condition(type, 'CompletionsReached', message),
    ),
  };
}

function failed() {
  const message = 'Job has reached the specified backoff limit';
  return {
    startTime: nowText(),
    failed: 1,
    uncountedTerminatedPods: {},
    conditions: ['FailureTarget', 'Failed'].map((type) => condition(type, 'BackoffLimitExceeded', message)),
  };
}

/** Writes the status of an object, whose path ends with `/status`: the client of the product does not, controllers do. */
export async function setStatus(
  { control }: Pick<TestPlane, 'control'>,
  path: string,
  status: object,
): Promise<void> {
  const url = new URL(path, control.url);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${control.token}`,
      'content-type': 'application/merge-patch+json',
    };
    request(url, { method: 'PATCH', headers, ca: control.caPem }, resolve)
      .on('error', reject)
      .end(JSON.stringify({ status }));
  });
  const said = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`PATCH ${path}: ${answer.statusCode} ${said}`);
}
