import { set } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const time = (minute: number) => `2026-01-01T00:0${String(minute)}:00Z`;
const condition = (type: string, status = 'True') => ({ type, status, lastTransitionTime: time(0) });

/** A case that writes the status of a workload, once or several times, and reads what came of it. */
function status(kind: string, title: string, ...values: readonly object[]): ContractCase {
  return {
    title: `status of ${kind}: ${title}`,
    async run(session: Session) {
      const sample = sampleOf(kind);
      const path = `${sample.path}/sample`;
      await session.prepare('POST', sample.path, sample.make(session.namespace));
      for (const value of values) {
        const { body } = await session.prepare('GET', path);
        set(body, 'status', value);
        set(body, 'metadata.labels.told', 'by-status');
        await session.ask('PUT', `${path}/status`, body);
      }
      await session.ask('GET', path);
    },
  };
}

const done = [condition('SuccessCriteriaMet'), condition('Complete')];

/** What controllers may say of workloads. */
export const workloadStatusCases: readonly ContractCase[] = [
  status('Deployment', 'good counts', { replicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 1 }),
  status('Deployment', 'bad counts', { replicas: -1, readyReplicas: 5, availableReplicas: 6, updatedReplicas: 1 }),
  status('Deployment', 'fewer collisions', { collisionCount: 2 }, { collisionCount: 1 }),
  status('ReplicaSet', 'bad counts', { replicas: 1, readyReplicas: 2, fullyLabeledReplicas: 3, availableReplicas: 4 }),
  status('ReplicationController', 'bad counts', { replicas: 1, readyReplicas: 2, availableReplicas: -4 }),
  status('StatefulSet', 'bad counts', { replicas: 1, currentReplicas: 2, readyReplicas: 1, availableReplicas: 3 }),
  status('StatefulSet', 'fewer collisions', { replicas: 1, collisionCount: 2 }, { replicas: 1 }),
  status('DaemonSet', 'bad counts', { currentNumberScheduled: -1, numberReady: -2, desiredNumberScheduled: 0 }),
  status('Job', 'a start', { startTime: time(0), active: 1, ready: 1 }),
  status('Job', 'another start', { startTime: time(0) }, { startTime: time(1) }),
  status('Job', 'more ready than active', { active: 1, ready: 2, failed: -1 }),
  status('Job', 'an end', { startTime: time(0), completionTime: time(1), succeeded: 1, conditions: done }),
  status('Job', 'an end before its start', { startTime: time(2), completionTime: time(1), conditions: done }),
  status('Job', 'an end without a word', { startTime: time(0), completionTime: time(1) }),
  status('Job', 'an end without a time', { startTime: time(0), conditions: done }),
  status('Job', 'an end without a reason', { startTime: time(0), completionTime: time(1), conditions: [condition('Complete')] }),
  status('Job', 'an end with pods', { active: 2, terminating: 1, completionTime: time(1), conditions: done }),
  status('Job', 'a failure without a reason', { startTime: time(0), conditions: [condition('Failed')] }),
  status('Job', 'both ends', {
    startTime: time(0),
    completionTime: time(1),
    conditions: [...done, condition('FailureTarget'), condition('Failed')],
  }),
  status(
    'Job',
    'an end taken back',
    { startTime: time(0), completionTime: time(1), succeeded: 2, conditions: done },
    { startTime: time(0), succeeded: 1 },
  ),
  status('CronJob', 'anything', { lastScheduleTime: time(0), active: [{ kind: 'Job', name: 'a' }] }),
];
