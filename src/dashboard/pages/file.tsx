// The page of one file: its facts, and its picture if a task wrote one.
import { api, fileUrl, isPicture } from '../api.ts';
import { bytes } from '../format.ts';
import { useLive } from '../live.ts';
import { Id } from '../parts/copy.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { to } from '../router.ts';

export function FilePage({ fileKey }: { fileKey: string }) {
  const live = useLive((signal) => api.file(fileKey, signal), [fileKey], { off: true });
  return (
    <Page
      title="File"
      above={
        <a class="crumb" href={to('/files', { prefix: fileKey.startsWith('outputs/') ? 'outputs' : undefined })}>
          Files
        </a>
      }
      about={<Id id={fileKey} />}
    >
      <Loaded live={live} rows={3}>
        {(file) =>
          file === null ? (
            <Empty icon="files" title="No file has this file key">
              <p>It was deleted, or its retention time is over.</p>
            </Empty>
          ) : (
            <section class="card">
              <dl class="facts">
                <dt>Type</dt>
                <dd>{file.contentType}</dd>
                <dt>Size</dt>
                <dd>{bytes(file.size)}</dd>
                <dt>Stored</dt>
                <dd>
                  <Time at={file.storedAt} />
                </dd>
              </dl>
              {isPicture(fileKey, file.contentType) && (
                <div class="pictures">
                  <img src={fileUrl(fileKey)} alt={`Output ${fileKey}`} />
                </div>
              )}
              <a class="button" href={fileUrl(fileKey)} target="_blank" rel="noreferrer">
                Open file
              </a>
            </section>
          )
        }
      </Loaded>
    </Page>
  );
}
