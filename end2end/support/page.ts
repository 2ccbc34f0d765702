// The Scheduler page by role and name: what a person, or a screen reader, finds there.
import { type Locator, type Page, expect } from '@playwright/test';

export const COLUMNS = ['Filename', 'Type', 'Started', 'Status', 'Records', 'Games', 'Results'] as const;
export type Column = (typeof COLUMNS)[number];

/** What tells the page of changes. */
export const EVENTS = '**/events';

/** What reads the page's data, at the first rendering in a browser and at each refresh. */
export const PAGE_DATA = '**/api/scheduler_page*';

export class SchedulerPage {
  readonly table: Locator;
  /** The imports' rows, without headings and opened details. */
  readonly rows: Locator;
  readonly messages: Locator;
  /** The button beside the message. */
  readonly dismissMessage: Locator;
  readonly connection: Locator;
  readonly freshness: Locator;
  readonly scheduler: Locator;
  /** What has ended, told to those who can't see it. */
  readonly ended: Locator;
  /** How many failures are unresolved. */
  readonly unresolved: Locator;
  readonly backup: Locator;
  readonly range: Locator;
  readonly sample: Locator;
  readonly dialog: Locator;

  constructor(readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Import logs' });
    this.rows = this.table.getByRole('row').filter({ has: page.getByRole('button', { name: /^Details of import/ }) });
    this.messages = page.getByRole('status', { name: 'Messages' });
    this.dismissMessage = page.getByRole('button', { name: 'Dismiss', exact: true });
    this.connection = page.getByRole('status', { name: 'Connection' });
    this.ended = page.getByRole('status', { name: 'Imports that ended' });
    this.freshness = page.getByTestId('freshness');
    this.scheduler = page.getByRole('region', { name: 'Scheduler status' });
    this.unresolved = this.scheduler.getByRole('definition').last();
    this.backup = page.getByRole('region', { name: 'Backup' });
    this.range = page.getByRole('region', { name: 'Date range' });
    this.sample = page.getByRole('region', { name: 'Sample data' });
    this.dialog = page.getByRole('dialog');
  }

  /** Opens the page and waits until it is hydrated: only then does the browser's clock tell how old the data is. */
  async open(path = '/'): Promise<void> {
    await this.page.goto(path);
    await this.hydrated();
  }

  async hydrated(): Promise<void> {
    await expect(this.freshness).toContainText('updated');
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  /** The row of one import. */
  row(id: number): Locator {
    return this.table
      .getByRole('row')
      .filter({ has: this.page.getByRole('button', { name: `Details of import #${id}`, exact: true }) });
  }

  cell(row: Locator, column: Column): Locator {
    const cells = row.getByRole('rowheader').or(row.getByRole('cell'));
    return cells.nth(COLUMNS.indexOf(column));
  }

  async openDetails(id: number): Promise<Locator> {
    await this.button(`Details of import #${id}`).click();
    const details = this.table.getByRole('row').filter({ hasText: 'Everything about import' });
    await expect(details).toBeVisible();
    return details;
  }

  /** Stops the scheduler, which asks first. */
  async stopScheduler(): Promise<void> {
    await this.button('Stop the scheduler').click();
    await this.dialog.getByRole('button', { name: 'Stop it' }).click();
  }

  async setRange(first: string, last: string): Promise<void> {
    await this.range.getByLabel('First day').fill(first);
    await this.range.getByLabel('Last day').fill(last);
  }
}
