// A trial of the playground. An uploaded photo becomes a thumbnail.
import { useState } from 'preact/hooks';
import { api, fileUrl } from '../api.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';

export function Photo() {
  const [file, setFile] = useState<File>();
  return (
    <Trial
      title="A photo becomes a thumbnail"
      about="The photo is stored in R2. A task turns it upright and scales it down."
      action="Upload photo"
      ready={file !== undefined}
      start={async () => (await api.upload(file as File)).task_id}
      watch={(id) => (
        <Watched id={id} key={id}>
          {({ result }) => {
            const output = (result as { outputs?: { key: string; width: number; height: number }[] } | null)
              ?.outputs?.[0];
            return output ? (
              <img class="thumbnail" src={fileUrl(output.key)} alt={`Thumbnail, ${output.width} by ${output.height}`} />
            ) : null;
          }}
        </Watched>
      )}
    >
      <DropZone file={file} onFile={setFile} />
    </Trial>
  );
}
