import { expect, it } from 'vitest';
import { ChartBook } from './chart-book.ts';
import type { WantedChart } from './chart-book.ts';
import type { Chart } from './chart.ts';
import type { RenderedChart } from './helm.ts';
import { KeptOutputs } from './kept-outputs.ts';

const signal = new AbortController().signal;
const request = (key: string): WantedChart => ({
  key,
  dir: key,
  values: [],
  apiVersions: [],
  includeCrds: true,
  skipHooks: false,
  skipTests: false,
});
const contentOf = () => ({ files: new Map([['Chart.yaml', 'a']]) });

/** A helm that gives the directory of a chart, and what was rendered. */
function fakeHelm(gives: (chart: Chart) => RenderedChart = ({ dir }) => ({ text: `text of ${dir}` })) {
  const rendered: string[] = [];
  const render = async (chart: Chart) => {
    rendered.push(chart.dir);
    return gives(chart);
  };
  return { helm: { render }, rendered };
}

it('builds again with what a build asked for, also when that makes it ask for more', async () => {
  const { helm, rendered } = fakeHelm();
  const book = new ChartBook(helm);
  const build = (outputOf: (each: WantedChart) => RenderedChart | undefined) => {
    const first = outputOf(request('a'));
    return first && 'text' in first ? [first, outputOf(request('b'))] : [first];
  };
  const outputs = [{ text: 'text of a' }, { text: 'text of b' }];
  expect(await book.build({ build, contentOf }, signal)).toEqual(outputs);
  expect(await book.build({ build, contentOf }, signal)).toEqual(outputs);
  expect(rendered).toEqual(['a', 'b']);
});

it('gives errors to the build that asked, of files too', async () => {
  const errors = [{ file: 'a', message: 'no' }];
  const { helm, rendered } = fakeHelm(() => ({ errors }));
  const build = (outputOf: (each: WantedChart) => RenderedChart | undefined) => outputOf(request('a'));
  expect(await new ChartBook(helm).build({ build, contentOf }, signal)).toEqual({ errors });
  expect(rendered).toEqual(['a']);
  const unread = { build, contentOf: () => ({ errors }) };
  expect(await new ChartBook(helm).build(unread, signal)).toEqual({ errors });
  expect(rendered).toHaveLength(1);
});

it('tries again for the next build what a limit has ended', async () => {
  const errors = [{ file: 'a', message: 'too long' }];
  const { helm, rendered } = fakeHelm(() => ({ errors, isLimit: true }));
  const book = new ChartBook(helm);
  const build = (outputOf: (each: WantedChart) => RenderedChart | undefined) => outputOf(request('a'));
  await book.build({ build, contentOf }, signal);
  await book.build({ build, contentOf }, signal);
  expect(rendered).toEqual(['a', 'a']);
});

it('forgets what was not asked for longest when it is full, and never what a build still needs', async () => {
  const { helm, rendered } = fakeHelm(() => ({ text: 'x'.repeat(60) }));
  const book = new ChartBook(helm, new KeptOutputs(100));
  const both = (outputOf: (each: WantedChart) => RenderedChart | undefined) =>
    [outputOf(request('a')), outputOf(request('b'))].every((output) => output !== undefined);
  expect(await book.build({ build: both, contentOf }, signal)).toBe(true);
  expect(rendered).toEqual(['a', 'b']);
  await book.build({ build: (outputOf) => outputOf(request('b')), contentOf }, signal);
  expect(rendered).toHaveLength(2);
  await book.build({ build: (outputOf) => outputOf(request('a')), contentOf }, signal);
  expect(rendered).toEqual(['a', 'b', 'a']);
});

it('gives up on a build that never ends', async () => {
  const { helm } = fakeHelm();
  let next = 0;
  const build = (outputOf: (each: WantedChart) => RenderedChart | undefined) =>
    outputOf(request(String((next += 1))));
  await expect(new ChartBook(helm).build({ build, contentOf }, signal)).rejects.toMatchObject({
    code: 'exhausted',
  });
});
