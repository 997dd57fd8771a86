import { expect, test } from 'vitest';
import { ConnectionQueue } from './connection-queue.ts';

const idle = 0.1;
const busy = 0.9;

/** A queue of numbered connections, and what became of them. */
function queueing() {
  const letIn: number[] = [];
  const ended: number[] = [];
  const queue = new ConnectionQueue<ReturnType<typeof connection>>(({ id }) => letIn.push(id), 0);
  const connection = (id: number) => ({ id, destroyed: false, destroy: () => ended.push(id) });
  const arrive = (count: number, nowMs = 0, from = 0) => {
    for (let id = from; id < from + count; id += 1) queue.arrive(connection(id), nowMs);
  };
  return { queue, connection, arrive, letIn, ended };
}

test('the agents of a small fleet are let in as they come', () => {
  const { queue, arrive, letIn } = queueing();
  arrive(32);
  expect([letIn.length, queue.size]).toEqual([32, 0]);
});

test('a busy process lets in one in 30 ms, an idle one fifteen times as many', () => {
  const { queue, arrive, letIn } = queueing();
  arrive(1_000);
  queue.turn({ nowMs: 300, utilization: busy });
  expect(letIn.length).toBe(32 + 10);
  queue.turn({ nowMs: 340, utilization: idle });
  expect(letIn.length).toBe(32 + 10 + 20);
});

test('a process that stood still for long lets in no more than a burst', () => {
  const { queue, arrive, letIn } = queueing();
  arrive(1_000);
  queue.turn({ nowMs: 10_000, utilization: idle });
  expect(letIn.length).toBe(64);
});

test('who came last is let in first, for it waits the longest from now', () => {
  const { queue, arrive, letIn } = queueing();
  arrive(40);
  queue.turn({ nowMs: 90, utilization: busy });
  expect(letIn.slice(32)).toEqual([39, 38, 37]);
});

test('who has waited for longer than any agent does is ended, and costs no handshake', () => {
  const { queue, arrive, letIn, ended } = queueing();
  arrive(35);
  arrive(1, 19_000, 35);
  queue.turn({ nowMs: 20_000, utilization: busy });
  expect([ended, letIn.slice(32), queue.size]).toEqual([[32, 33, 34], [35], 0]);
});

test('who has gone meanwhile takes nobody’s place', () => {
  const { queue, connection, arrive, letIn } = queueing();
  arrive(33);
  queue.arrive({ ...connection(33), destroyed: true }, 0);
  queue.turn({ nowMs: 30, utilization: busy });
  expect(letIn.slice(32)).toEqual([32]);
});

test('no more than 5,000 wait, and the oldest goes', () => {
  const { queue, arrive, ended } = queueing();
  arrive(32 + 5_001);
  expect([queue.size, ended]).toEqual([5_000, [32]]);
});

test('all that wait end with the server', () => {
  const { queue, arrive, ended } = queueing();
  arrive(34);
  queue.clear();
  expect([queue.size, ended]).toEqual([0, [32, 33]]);
});
