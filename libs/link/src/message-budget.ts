/** How many messages a stream may carry: bursts of 2,000, and 200 a second for long. An agent with 100 applications needs far less. */
export const messageBudgetPolicy = { burst: 2_000, perSecond: 200 } as const;

/** A token bucket. `spend` is false when the peer has sent more than anything honest would. */
export class MessageBudget {
  private tokens: number = messageBudgetPolicy.burst;
  private filledAtMs: number;

  constructor(nowMs: number) {
    this.filledAtMs = nowMs;
  }

  spend(nowMs: number): boolean {
    const earned = ((nowMs - this.filledAtMs) / 1_000) * messageBudgetPolicy.perSecond;
    this.tokens = Math.min(messageBudgetPolicy.burst, this.tokens + earned) - 1;
    this.filledAtMs = nowMs;
    return this.tokens >= 0;
  }
}
