import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { ScaleHistory } from './scale-history.ts';
import { granted } from './scale-limits.ts';

const second = 1_000;
const minute = 60 * second;
const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds });

/** A target whose load asks for numbers of pods, and gets what is granted. */
function target(current: number, behavior?: JsonObject) {
  const history = new ScaleHistory();
  let present = current;
  history.begin(current, 0);
  return (asked: number, nowMs: number) => {
    const bounds = { least: 1, most: 100 };
    const { replicas, able, limited } = granted(
      { current: present, asked, ...bounds },
      { behavior, history, nowMs },
    );
    history.change(replicas - present, nowMs);
    present = replicas;
    return [replicas, able['reason'], limited['reason']];
  };
}

describe('without behavior', () => {
  it('pods are taken away once nobody asked for more for five minutes', () => {
    const ask = target(8);
    expect(ask(2, minute)).toEqual([8, 'ScaleDownStabilized', 'DesiredWithinRange']);
    expect(ask(3, 4 * minute)).toEqual([8, 'ScaleDownStabilized', 'DesiredWithinRange']);
    expect(ask(2, 5 * minute)).toEqual([3, 'ScaleDownStabilized', 'DesiredWithinRange']);
    expect(ask(2, 10 * minute)).toEqual([2, 'ReadyForNewScale', 'DesiredWithinRange']);
  });

  it('pods come in steps of twice as many, four at least', () => {
    const ask = target(1);
    expect(ask(50, minute)).toEqual([4, 'ReadyForNewScale', 'ScaleUpLimit']);
    expect(ask(50, minute + 15 * second)).toEqual([8, 'ReadyForNewScale', 'ScaleUpLimit']);
    expect(ask(500, 2 * minute)).toEqual([16, 'ReadyForNewScale', 'ScaleUpLimit']);
  });

  it('bounds are kept', () => {
    expect(target(60)(500, minute)).toEqual([100, 'ReadyForNewScale', 'TooManyReplicas']);
    expect(target(2)(0, 6 * minute)).toEqual([1, 'ReadyForNewScale', 'TooFewReplicas']);
  });
});

describe('with behavior', () => {
  const down = (more: JsonObject) => ({
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(100, 15)] },
    scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(100, 15)], ...more },
  });
  const up = (more: JsonObject) => ({
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(900, 15)], ...more },
    scaleDown: { selectPolicy: 'Max', policies: [percent(100, 15)] },
  });

  it('pods are taken away at once when the window is nothing', () => {
    expect(target(8, down({}))(2, second)).toEqual([2, 'ReadyForNewScale', 'DesiredWithinRange']);
  });

  it('five minutes are waited when no window is told', () => {
    const ask = target(8, up({}));
    expect(ask(2, minute)).toEqual([8, 'ScaleDownStabilized', 'DesiredWithinRange']);
    expect(ask(2, 5 * minute)).toEqual([2, 'ReadyForNewScale', 'DesiredWithinRange']);
  });

  it('more pods come once they were asked for all through the window', () => {
    const ask = target(2, up({ stabilizationWindowSeconds: 60 }));
    expect(ask(6, 30 * second)).toEqual([2, 'ScaleUpStabilized', 'DesiredWithinRange']);
    expect(ask(9, 60 * second)).toEqual([6, 'ScaleUpStabilized', 'DesiredWithinRange']);
  });

  it('a policy lets so many pods go in its period', () => {
    const ask = target(10, down({ policies: [pods(2)] }));
    expect(ask(1, second)).toEqual([8, 'ReadyForNewScale', 'ScaleDownLimit']);
    expect(ask(1, 30 * second)).toEqual([8, 'ReadyForNewScale', 'ScaleDownLimit']);
    expect(ask(1, 61 * second)).toEqual([6, 'ReadyForNewScale', 'ScaleDownLimit']);
  });

  it('a share is of the number at the start of the period', () => {
    const ask = target(10, up({ policies: [percent(50)] }));
    expect(ask(90, second)).toEqual([15, 'ReadyForNewScale', 'ScaleUpLimit']);
    expect(ask(90, 30 * second)).toEqual([15, 'ReadyForNewScale', 'ScaleUpLimit']);
    expect(ask(90, 61 * second)).toEqual([23, 'ReadyForNewScale', 'ScaleUpLimit']);
  });

  it('of several policies the furthest or the nearest one counts, both ways', () => {
    const policies = [pods(4), percent(10)];
    expect(target(10, up({ policies }))(90, second)[0]).toBe(14);
    expect(target(10, up({ policies, selectPolicy: 'Min' }))(90, second)[0]).toBe(11);
    expect(target(10, down({ policies }))(1, second)[0]).toBe(6);
    expect(target(10, down({ policies, selectPolicy: 'Min' }))(1, second)[0]).toBe(9);
  });

  it('a way that is disabled is not gone', () => {
    expect(target(10, down({ selectPolicy: 'Disabled' }))(1, second)).toEqual([
      ...[10, 'ReadyForNewScale', 'ScaleDownLimit'],
    ]);
    expect(target(10, up({ selectPolicy: 'Disabled' }))(90, second)).toEqual([
      ...[10, 'ReadyForNewScale', 'ScaleUpLimit'],
    ]);
  });

  it('bounds are kept', () => {
    expect(target(60, up({}))(500, minute)).toEqual([100, 'ReadyForNewScale', 'TooManyReplicas']);
    expect(target(2, down({}))(0, minute)).toEqual([1, 'ReadyForNewScale', 'TooFewReplicas']);
  });
});
