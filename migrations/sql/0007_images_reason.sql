-- Unresolved images by their reason, in the order of their ids. MySQL has no ADD KEY IF NOT EXISTS, so the statement is
-- made where the key is missing, and the migration can be run again.
SET @ddl = IF(EXISTS (SELECT 1 FROM information_schema.statistics
                      WHERE table_schema = DATABASE() AND table_name = 'images' AND index_name = 'images_reason'),
              'DO 0', 'ALTER TABLE images ADD KEY images_reason (reason)');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
