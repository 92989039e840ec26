-- Images by the time at which they were posted: where a search from or until a moment begins. MySQL has no ADD KEY IF NOT
-- EXISTS, so the statement is made where the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'images' AND index_name = 'images_created'),
              'DO 0', 'ALTER TABLE images ADD KEY images_created (created_at)');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
