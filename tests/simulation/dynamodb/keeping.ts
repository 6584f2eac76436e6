/** How the table is kept: its backups and the expiry of its items, as the stack makes them. Nothing ever expires here. */
interface Asked {
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled: boolean };
  readonly TimeToLiveSpecification?: { readonly Enabled: boolean; readonly AttributeName: string };
}

export class Keeping {
  #recovery = true;
  #expiresBy: string | undefined = "ttl";

  execute(commandName: string, input: Asked): object {
    const { PointInTimeRecoverySpecification: recovery, TimeToLiveSpecification: expiry } = input;
    if (recovery !== undefined) this.#recovery = recovery.PointInTimeRecoveryEnabled;
    if (expiry !== undefined) this.#expiresBy = expiry.Enabled ? expiry.AttributeName : undefined;
    return commandName.includes("ContinuousBackups") ? this.#backups() : this.#ttl();
  }

  #backups(): object {
    const PointInTimeRecoveryDescription = {
      PointInTimeRecoveryStatus: this.#recovery ? "ENABLED" : "DISABLED",
    };
    return {
      ContinuousBackupsDescription: { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription },
    };
  }

  #ttl(): object {
    if (this.#expiresBy === undefined) return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
    return { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: this.#expiresBy } };
  }
}
