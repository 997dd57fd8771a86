import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AnswerFact } from '../audit/facts.ts';

/** How a source of metrics answers; only `good` gives a number that a gate can go by. */
export type SourceMood = 'good' | 'gone' | 'silent' | 'failing' | 'empty' | 'not a number' | 'stale';

/** A server that speaks as Prometheus does, below a path of its own for each cluster. */
export interface MetricSource extends AsyncDisposable {
  readonly url: string;
  /** Every good number that was given. */
  readonly answers: readonly AnswerFact[];
  /** Whether it was asked since the mood was set. */
  wasAsked(): boolean;
  become(mood: SourceMood): void;
}

/** Name by which agents know the source. */
export const metricSource = 'prometheus';
/** The query that the gate of the fleet asks: the answer belongs to one release. */
export const query = 'errors{release="{{release}}"}';
const staleS = 600;

/** Starts a source on a free port of 127.0.0.1. */
export async function startMetricSource(): Promise<MetricSource> {
  const answers: AnswerFact[] = [];
  let mood: SourceMood = 'good';
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    void text(request).then(
      (body) => {
        const release = /release="([^"]*)"/.exec(new URLSearchParams(body).get('query') ?? '')?.[1] ?? '';
        if (mood === 'good')
          answers.push({ cluster: request.url?.split('/')[1] ?? '', release, atMs: Date.now() });
        answer(mood, response);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    wasAsked: () => asked > 0,
    become(next) {
      mood = next;
      asked = 0;
      // What was left without an answer is not answered late.
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(mood: SourceMood, response: ServerResponse): void {
  const nowS = Date.now() / 1_000;
  switch (mood) {
    case 'good':
      return sample(response, nowS, '0');
    case 'not a number':
      return sample(response, nowS, 'NaN');
    case 'stale':
      return sample(response, nowS - staleS, '0');
    case 'empty':
      return data(response, []);
    case 'failing':
      return void response.writeHead(503).end();
    case 'gone':
      return void response.destroy();
    case 'silent':
      return undefined;
  }
}

function sample(response: ServerResponse, atS: number, value: string): void {
  data(response, [{ metric: {}, value: [atS, value] }]);
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/, instant queries. */
function data(response: ServerResponse, result: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
}
